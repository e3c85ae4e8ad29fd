/**
 * CloudFront's path patterns: `*` is any number of characters, `/` too, `?` exactly one; case-sensitive; the leading slash may be left out.
 * Matched against the path as it was sent, percent-encoded, without the query.
 */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const wanted = pattern.replace(/^\//, '');
  return (path) => matches(wanted, path.replace(/^\//, ''));
}

/** Greedy with one point to return to, so that no pattern and path take more than their lengths multiplied. */
function matches(pattern: string, path: string): boolean {
  let [p, s] = [0, 0];
  let star = -1;
  let resume = 0;
  while (s < path.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = s;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === path[s])) {
      p++;
      s++;
    } else if (star !== -1) {
      p = star + 1;
      s = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
