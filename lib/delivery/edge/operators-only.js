// The console is for the networks of the operators, its commands for its own page. NETWORKS is put before this at synth:
// [[address, prefix length], …], IPv4 as an unsigned number.

function parseIpv4(text) {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return -1;
  return parts.reduce((number, part) => number * 256 + Number(part), 0);
}

function isInside(address, network) {
  const size = Math.pow(2, 32 - network[1]);
  return address >= 0 && Math.floor(address / size) === Math.floor(network[0] / size);
}

function isOperator(event) {
  const address = parseIpv4(event.viewer.ip);
  return NETWORKS.some((network) => isInside(address, network));
}

// A browser names the page's origin with every POST. The function behind does not see the viewer's host, so it is compared here.
function isFromElsewhere(request) {
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  const origin = request.headers.origin;
  const host = request.headers.host;
  return !origin || !host || origin.value.replace(/^https?:\/\//, '') !== host.value;
}

function admitOperators(event) {
  if (isOperator(event) && !isFromElsewhere(event.request)) return event.request;
  return { statusCode: 403, statusDescription: 'Forbidden', headers: { 'cache-control': { value: 'no-store' } } };
}
