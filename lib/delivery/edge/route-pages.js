// Viewer request of pages and the console's API: LinkPick's site while `use_legacy_routes` is on, an old domain to the new one, the console to
// operators. Media has no such function: it plays on whatever pages do. Put before this at synth: NETWORKS and operators-only.js,
// LEGACY ({originId, paths} or null), OLD_DOMAINS, NEW_DOMAIN.
const kvs = cf.kvs();

// A store that cannot be read counts as off: operators keep the console, by which they see that something is wrong.
async function isLegacyInUse() {
  try {
    return (await kvs.get('use_legacy_routes')) === 'true';
  } catch (error) {
    return false;
  }
}

function isLegacyPath(uri) {
  return LEGACY.paths.some((path) => (path.endsWith('*') ? uri.startsWith(path.slice(0, -1)) : uri === path));
}

function isPage(request) {
  return !request.uri.startsWith('/api/');
}

// Values are as they were sent, encoded; a name without a value stays one.
function queryOf(querystring) {
  const pairs = [];
  Object.keys(querystring).forEach((name) => {
    const values = querystring[name].multiValue || [querystring[name]];
    values.forEach((item) => pairs.push(item.value === '' ? name : `${name}=${item.value}`));
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

async function handler(event) {
  const request = event.request;
  const host = request.headers.host ? request.headers.host.value.toLowerCase() : '';
  const isForLegacy = LEGACY !== null && (isLegacyPath(request.uri) || (isPage(request) && !isOperator(event)));
  if (isForLegacy && (await isLegacyInUse())) {
    // Its own origin: without access control's signature, and it learns which name the viewer typed.
    request.headers['x-forwarded-host'] = { value: host };
    cf.selectRequestOriginById(LEGACY.originId);
    return request;
  }
  if (OLD_DOMAINS.includes(host) && isPage(request) && (request.method === 'GET' || request.method === 'HEAD')) {
    // Browsers keep a 301 without end: five minutes let the way back take effect.
    return {
      statusCode: 301,
      statusDescription: 'Moved Permanently',
      headers: {
        location: { value: `https://${NEW_DOMAIN}${request.uri}${queryOf(request.querystring)}` },
        'cache-control': { value: 'public, max-age=300' },
      },
    };
  }
  return admitOperators(event);
}
