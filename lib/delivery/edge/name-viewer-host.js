// Viewer request of the app's API: the name the viewer typed, for which cookies are signed. The API sees its own name, not this one; whatever
// a viewer sends under the header is replaced.
function handler(event) {
  event.request.headers['x-viewer-host'] = { value: event.request.headers.host ? event.request.headers.host.value : '' };
  return event.request;
}
