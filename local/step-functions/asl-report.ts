/** Collects one problem: where in the definition, and what is wrong with what to do. */
export type Report = (path: string, problem: string) => void;

/** The path of a member: `States['Copy entity'].Retry`. */
export function at(path: string, key: string): string {
  if (/^\d+$/.test(key)) return `${path}[${key}]`;
  if (/^\w+$/.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}['${key}']`;
}
