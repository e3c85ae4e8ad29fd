/** The elements of a one-dimensional array as PostgreSQL prints it; `undefined` when it has more dimensions. */
export function parseArrayLiteral(literal: string): (string | null)[] | undefined {
  // Bounds other than the usual stand in front: [0:1]={a,b}
  const opening = literal.indexOf('{');
  const body = literal.slice(opening + 1, -1);
  if (body === '') return [];
  if (body.startsWith('{')) return undefined;
  const elements: (string | null)[] = [];
  const element = /"((?:[^"\\]|\\.)*)"|([^,]+)/gsy;
  for (let match = element.exec(body); match !== null; match = element.exec(body)) {
    const [, quoted, bare] = match;
    if (quoted !== undefined) elements.push(quoted.replace(/\\(.)/gs, '$1'));
    else elements.push(bare === 'NULL' ? null : (bare ?? ''));
    element.lastIndex++; // the comma
  }
  return elements;
}
