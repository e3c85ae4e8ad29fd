import { UserError } from '../errors.ts';
import type { BusEvent } from './event.ts';
import type { RuleTarget } from './rule.ts';

/** A target's input that cannot be made. */
export class InputTransformError extends UserError {
  override readonly name = 'InputTransformError';
}

export interface TransformContext {
  readonly ruleName: string;
  readonly ruleArn: string;
  /** ISO 8601. */
  readonly ingestionTime: string;
}

const PATH = /^\$(?:\.[\w-]+|\['[^']+'\]|\[\d+\])*$/;
const VARIABLE = /<([^<>\s"]+)>/g;
const BUILT_IN = ['aws.events.rule-arn', 'aws.events.rule-name', 'aws.events.event.ingestion-time', 'aws.events.event.json'];

/** Refuses what `transformInput` cannot do, when the rule is loaded. @throws {InputTransformError} */
export function checkTarget({ arn, input, inputPath, inputTransformer }: RuleTarget): void {
  const given = { input, inputPath, inputTransformer };
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length > 1) throw new InputTransformError(`the target ${arn} has ${names.join(' and ')}; keep one`);
  if (input !== undefined) parseJson(input, `the Input of ${arn}`);
  const paths = Object.entries(inputTransformer?.inputPathsMap ?? {});
  for (const [name, path] of [...(inputPath === undefined ? [] : [['InputPath', inputPath] as const]), ...paths]) {
    if (!PATH.test(path))
      throw new InputTransformError(
        `the path ${path} ("${name}" of ${arn}) is not plain ($.detail.a, $.detail['a b'], $.resources[0]); write such a path`,
      );
  }
  if (paths.length > 100) throw new InputTransformError(`${arn} has ${paths.length} input paths; at most 100 are allowed`);
  if ((inputTransformer?.inputTemplate.length ?? 0) > 8192)
    throw new InputTransformError(`the InputTemplate of ${arn} is longer than 8,192 characters; shorten it`);
  for (const [, name = ''] of inputTransformer?.inputTemplate.matchAll(VARIABLE) ?? []) {
    if (!BUILT_IN.includes(name) && !(name in (inputTransformer?.inputPathsMap ?? {}))) {
      throw new InputTransformError(
        `the InputTemplate of ${arn} uses <${name}>, which is in no InputPathsMap; add it, or use one of ${BUILT_IN.join(', ')}`,
      );
    }
  }
}

/** What the target receives: the event, or what Input, InputPath or InputTransformer make of it. @throws {InputTransformError} */
export function transformInput(target: RuleTarget, event: BusEvent, context: TransformContext): unknown {
  const { arn, input, inputPath, inputTransformer } = target;
  if (input !== undefined) return parseJson(input, `the Input of ${arn}`);
  if (inputTransformer !== undefined) return fillTemplate(target, event, context);
  if (inputPath === undefined) return event;
  const value = pick(event, inputPath);
  if (value === undefined)
    throw new InputTransformError(
      `the event ${event.id} has nothing at ${inputPath}, the InputPath of ${arn}; correct the path or the rule's pattern`,
    );
  return value;
}

function fillTemplate({ arn, inputTransformer }: RuleTarget, event: BusEvent, context: TransformContext): unknown {
  const { inputTemplate = '', inputPathsMap = {} } = inputTransformer ?? {};
  const values = new Map<string, unknown>([
    ['aws.events.rule-arn', context.ruleArn],
    ['aws.events.rule-name', context.ruleName],
    ['aws.events.event.ingestion-time', context.ingestionTime],
    ['aws.events.event.json', event],
    ...Object.entries(inputPathsMap).map(([name, path]) => [name, pick(event, path)] as const),
  ]);
  const text = inputTemplate.replaceAll(VARIABLE, (_, name: string, offset: number) =>
    insert(values.get(name), isInsideString(inputTemplate, offset)),
  );
  return parseJson(text, `the filled InputTemplate of ${arn}`);
}

/** Inside a JSON string, a string goes in without escaping, as on AWS; elsewhere every value is JSON. A path without match leaves nothing. */
function insert(value: unknown, insideString: boolean): string {
  if (value === undefined) return '';
  return insideString && typeof value === 'string' ? value : JSON.stringify(value);
}

function isInsideString(template: string, offset: number): boolean {
  return [...template.slice(0, offset).replaceAll(/\\./g, '').matchAll(/"/g)].length % 2 === 1;
}

function pick(event: unknown, path: string): unknown {
  let value = event;
  for (const [, member, quoted, index] of path.matchAll(/\.([\w-]+)|\['([^']+)'\]|\[(\d+)\]/g)) {
    if (typeof value !== 'object' || value === null) return undefined;
    const key = member ?? quoted ?? index ?? '';
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputTransformError(
      `${what} is no JSON: ${text.slice(0, 200)}; quote "<variables>" inside text only, and choose paths that every event has`,
      { cause },
    );
  }
}
