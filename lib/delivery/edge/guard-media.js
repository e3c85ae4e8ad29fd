// Viewer request of public media, `/<kind>/<videoId>/…`: not while the video is private. The store has one key per private video, and is asked
// before the cache, so what is cached is closed as well. A store that fails closes all: better a film that stops than one that leaks.
const kvs = cf.kvs();

const FORBIDDEN = { statusCode: 403, statusDescription: 'Forbidden', headers: { 'cache-control': { value: 'no-store' } } };

// Decoded as a whole, as the bucket does: an encoded slash is a slash there.
function videoIdOf(uri) {
  try {
    return decodeURIComponent(uri).split('/')[2];
  } catch (error) {
    return undefined;
  }
}

async function handler(event) {
  const videoId = videoIdOf(event.request.uri);
  if (!videoId || (await kvs.exists(`private/${videoId}`))) return FORBIDDEN;
  return event.request;
}
