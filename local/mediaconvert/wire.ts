/**
 * Between the service's JSON (camelCase, times in epoch seconds) and the SDK's types (PascalCase, Dates). Every member name is the other with
 * its first letter's case changed; a test holds this against the SDK's own schemas. Keys of maps are the caller's and stay as they are.
 */

/** Members that are maps of structures: their keys stay, what is below is converted. */
const STRUCTURE_MAPS = new Set(['audioSelectorGroups', 'audioSelectors', 'captionSelectors', 'dynamicAudioSelectors']);
/** Members that are maps of text. */
const TEXT_MAPS = new Set(['tags', 'userMetadata']);

/** A body as received, with the SDK's names. Times stay numbers: no request has one. */
export function fromWire(value: unknown): unknown {
  return convert(value, (name) => name.charAt(0).toUpperCase() + name.slice(1));
}

/** A value with the SDK's names, as the service would send it. Members that are undefined are left out. */
export function toWire(value: unknown): unknown {
  return convert(value, (name) => name.charAt(0).toLowerCase() + name.slice(1));
}

function convert(value: unknown, rename: (name: string) => string): unknown {
  if (value instanceof Date) return Math.floor(value.getTime() / 1000);
  if (Array.isArray(value)) return value.map((entry) => convert(entry, rename));
  if (typeof value !== 'object' || value === null) return value;
  return mapEntries(value, (name, member) => {
    const wireName = name.charAt(0).toLowerCase() + name.slice(1);
    if (TEXT_MAPS.has(wireName)) return [rename(name), member];
    if (STRUCTURE_MAPS.has(wireName) && typeof member === 'object' && member !== null) {
      return [rename(name), mapEntries(member, (key, entry) => [key, convert(entry, rename)])];
    }
    return [rename(name), convert(member, rename)];
  });
}

function mapEntries(value: object, change: (name: string, member: unknown) => [string, unknown]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => change(name, member)),
  );
}
