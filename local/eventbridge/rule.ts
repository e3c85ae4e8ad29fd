import { UserError } from '../errors.ts';
import { checkPattern } from './pattern.ts';
import { checkTarget } from './transform-input.ts';

export interface RuleTarget {
  readonly arn: string;
  readonly roleArn?: string;
  /** JSON text, given to the target as it is. */
  readonly input?: string;
  /** Such as `$.detail`. */
  readonly inputPath?: string;
  readonly inputTransformer?: { readonly inputPathsMap?: Readonly<Record<string, string>>; readonly inputTemplate: string };
}

/** A rule of the default bus. */
export interface RuleSpec {
  readonly name: string;
  readonly eventPattern: Readonly<Record<string, unknown>>;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly targets: readonly RuleTarget[];
}

/** A rule that cannot be followed here. */
export class RuleError extends UserError {
  override readonly name = 'RuleError';
}

/** @throws {RuleError} naming the rule and what it asks for */
export function checkRule({ name, eventPattern, targets }: RuleSpec): void {
  try {
    checkPattern(eventPattern);
    for (const target of targets) checkTarget(target);
  } catch (cause) {
    throw new RuleError(`the EventBridge rule "${name}" cannot be followed here: ${(cause as Error).message}`, { cause });
  }
}
