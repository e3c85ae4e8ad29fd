/** The values of a path's `{names}`, decoded, or undefined when it is another path. */
export function matchPath(pattern: string, path: string): string[] | undefined {
  const source = pattern.replaceAll(/\{[^}]+\}/g, '([^/]+)');
  return new RegExp(`^${source}/?$`).exec(path)?.slice(1).map(decodeURIComponent);
}
