// Viewer request of the app's API: the name the viewer typed, for which cookies are signed, and whether it is an operator. The API sees neither
// by itself; whatever a viewer sends under these headers is replaced.
function handler(event) {
  event.request.headers['x-viewer-host'] = { value: event.request.headers.host ? event.request.headers.host.value : '' };
  event.request.headers['x-viewer-is-operator'] = { value: isOperator(event) ? 'true' : 'false' };
  return event.request;
}
