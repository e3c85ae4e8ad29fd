// Viewer response of versioned media: how long a browser keeps it. The encoder writes objects without Cache-Control, and a response headers
// policy would mark errors as well; this runs for what was found only. SCOPE is put before this at synth: public or private.
function handler(event) {
  const isShort = /\.(m3u8|vtt)$/.test(event.request.uri);
  event.response.headers['cache-control'] = { value: isShort ? `${SCOPE}, max-age=5` : `${SCOPE}, max-age=31536000, immutable` };
  return event.response;
}
