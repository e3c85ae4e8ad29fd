import * as mediaConvert from '@aws-sdk/client-mediaconvert';
import { NormalizedSchema } from '@smithy/core/schema';

/** The members of the service's enumerations, by the name of the member that holds one where that is the enumeration's own. */
const ENUMERATIONS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(mediaConvert).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && Object.entries(value).every(([key, text]) => key === text)
      ? [[name, Object.keys(value)] as const]
      : [],
  ),
);

/** What in a value does not fit a shape of the SDK's model: unknown members and wrong types, and texts that are none of their enumeration. */
export function modelFaults(schema: unknown, value: unknown, path = ''): string[] {
  const shape = NormalizedSchema.of(schema as never);
  if (shape.isStructSchema()) {
    if (!isObject(value)) return [`${path} is no structure`];
    const members = new Map([...shape.structIterator()]);
    return Object.entries(value).flatMap(([name, inner]) => {
      const member = members.get(name);
      const at = path === '' ? name : `${path}.${name}`;
      if (member === undefined) return [`${at} is no member`];
      return [...modelFaults(member, inner, at), ...enumerationFaults(shape.getName() ?? '', name, inner, at)];
    });
  }
  if (shape.isListSchema()) {
    return Array.isArray(value)
      ? value.flatMap((inner, index) => modelFaults(shape.getValueSchema(), inner, `${path}[${index}]`))
      : [`${path} is no list`];
  }
  if (shape.isMapSchema()) {
    return isObject(value)
      ? Object.entries(value).flatMap(([name, inner]) => modelFaults(shape.getValueSchema(), inner, `${path}.${name}`))
      : [`${path} is no map`];
  }
  if (shape.isStringSchema()) return typeof value === 'string' ? [] : [`${path} is ${value}, no text`];
  if (shape.isNumericSchema()) return typeof value === 'number' && Number.isFinite(value) ? [] : [`${path} is ${value}, no number`];
  return [];
}

/** The SDK's shapes do not say which enumeration a text is of; names do: `H264` + `QualityTuningLevel`, `Hls` + `SegmentControl`, or the member's alone. */
function enumerationFaults(shape: string, member: string, value: unknown, path: string): string[] {
  if (typeof value !== 'string') return [];
  const prefixes = [shape.replace(/(Group)?Settings$/, ''), shape.replace(/Settings$/, ''), shape];
  const names = [
    ...prefixes.filter((prefix) => prefix.endsWith(member)),
    ...prefixes.map((prefix) => prefix + member),
    `Input${member}`,
    member,
  ];
  const allowed = names.map((name) => ENUMERATIONS.get(name)).find((found) => found !== undefined);
  return allowed === undefined || allowed.includes(value) ? [] : [`${path} is ${value}, none of its enumeration`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
