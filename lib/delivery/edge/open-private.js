// Viewer request of private media: CloudFront has checked the signature for `/private/<videoId>/<version>/*`; the object lies at
// `/<kind>/<videoId>/<version>/…`.
const PRIVATE = /^\/private\/([^/]+)\/([^/]+)\/(encoded|thumbnails|previews)\/(.+)$/;

function handler(event) {
  const parts = PRIVATE.exec(event.request.uri);
  if (parts === null) {
    return { statusCode: 403, statusDescription: 'Forbidden', headers: { 'cache-control': { value: 'no-store' } } };
  }
  event.request.uri = `/${parts[3]}/${parts[1]}/${parts[2]}/${parts[4]}`;
  return event.request;
}
