/** The values of a path's `{names}`, decoded, or undefined when it is another path. One that cannot be decoded is none. */
export function matchPath(pattern: string, path: string): string[] | undefined {
  const source = pattern.replaceAll(/\{[^}]+\}/g, '([^/]+)');
  try {
    return new RegExp(`^${source}/?$`).exec(path)?.slice(1).map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
