import { AwsError } from '../gateway/aws-error.ts';
import { type JsonService, operationOf, type ServiceRequest, type ServiceResponse } from '../gateway/service.ts';
import { type BusEvent, completeEvent, isoSeconds, type NewEvent } from './event.ts';
import { matchesPattern } from './pattern.ts';
import { checkRule, type RuleSpec, type RuleTarget } from './rule.ts';
import { transformInput } from './transform-input.ts';

/** Of all entries of a request together, counted as EventBridge documents it. */
const MAX_ENTRIES_BYTES = 256 * 1024;
const MAX_ENTRIES = 10;

export interface DeliveryFailure {
  readonly rule: string;
  readonly targetArn: string;
  readonly event: BusEvent;
  readonly error: unknown;
}

export interface EventBridgeOptions {
  readonly rules: readonly RuleSpec[];
  readonly region: string;
  readonly accountId: string;
  /** Hands a target its input, once; there are no retries. */
  readonly deliver: (targetArn: string, input: unknown) => Promise<void>;
  readonly onDeliveryFailure: (failure: DeliveryFailure) => void;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
}

interface PutEventsEntry {
  readonly Time?: number;
  readonly Source?: string;
  readonly Resources?: readonly string[];
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
}

/** The default event bus with the rules of the template. */
export class EventBridge implements JsonService {
  readonly protocol = 'json-1.1';
  readonly #options: EventBridgeOptions;
  readonly #now: () => number;

  /** @throws {RuleError} when a rule asks for what has no stand-in */
  constructor(options: EventBridgeOptions) {
    for (const rule of options.rules) checkRule(rule);
    this.#options = options;
    this.#now = options.clock ?? Date.now;
  }

  /** Sends an event to the targets of every rule it matches. Resolves with the event's id when each target has been tried; never rejects. */
  async publish(newEvent: NewEvent): Promise<string> {
    const event = this.#complete(newEvent);
    await this.#route(event);
    return event.id;
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const operation = operationOf(request);
    if (operation === 'PutEvents') return { body: this.#putEvents(JSON.parse(request.body.toString('utf8') || '{}')) };
    if (operation === 'ListRules') return { body: { Rules: this.#options.rules.map((rule) => this.#describe(rule)) } };
    throw new AwsError(
      'UnknownOperationException',
      `EventBridge's ${operation || 'request without X-Amz-Target'} has no stand-in here (docs/parity.md)`,
    );
  }

  #putEvents({ Entries }: { Entries?: readonly PutEventsEntry[] }) {
    const count = Entries?.length ?? 0;
    if (Entries === undefined || count < 1 || count > MAX_ENTRIES) {
      throw new AwsError('ValidationException', `found ${count} entries, expected 1 to ${MAX_ENTRIES}; split the request`);
    }
    const bytes = Entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
    if (bytes > MAX_ENTRIES_BYTES) {
      throw new AwsError(
        'ValidationException',
        `Total size of the entries in the request is over the limit: ${bytes} of ${MAX_ENTRIES_BYTES} bytes`,
      );
    }
    const results = Entries.map((entry) => this.#putEvent(entry));
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  }

  #putEvent(entry: PutEventsEntry): { EventId: string } | { ErrorCode: string; ErrorMessage: string } {
    const problem = entryProblem(entry);
    if (problem !== undefined) return problem;
    const { Source = '', DetailType = '', Detail = '{}', Resources = [], Time } = entry;
    const time = isoSeconds(Time === undefined ? this.#now() : Time * 1000);
    const event = this.#complete({ source: Source, 'detail-type': DetailType, detail: JSON.parse(Detail), resources: Resources, time });
    void this.#route(event);
    return { EventId: event.id };
  }

  #complete(event: NewEvent): BusEvent {
    const { region, accountId } = this.#options;
    return completeEvent(event, { region, accountId, nowMs: this.#now() });
  }

  async #route(event: BusEvent): Promise<void> {
    const matching = this.#options.rules.filter(({ state, eventPattern }) => state === 'ENABLED' && matchesPattern(eventPattern, event));
    await Promise.all(matching.flatMap((rule) => rule.targets.map((target) => this.#send(rule, target, event))));
  }

  async #send(rule: RuleSpec, target: RuleTarget, event: BusEvent): Promise<void> {
    try {
      const context = { ruleName: rule.name, ruleArn: this.#arn(rule), ingestionTime: isoSeconds(this.#now()) };
      await this.#options.deliver(target.arn, transformInput(target, event, context));
    } catch (error) {
      this.#options.onDeliveryFailure({ rule: rule.name, targetArn: target.arn, event, error });
    }
  }

  #arn({ name }: RuleSpec): string {
    return `arn:aws:events:${this.#options.region}:${this.#options.accountId}:rule/${name}`;
  }

  #describe(rule: RuleSpec) {
    return {
      Name: rule.name,
      Arn: this.#arn(rule),
      EventPattern: JSON.stringify(rule.eventPattern),
      State: rule.state,
      EventBusName: 'default',
    };
  }
}

/** Time counts 14 bytes, texts their UTF-8. */
function entryBytes({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsEntry): number {
  return (Time === undefined ? 0 : 14) + [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function entryProblem({ Source, DetailType, Detail, EventBusName = 'default' }: PutEventsEntry) {
  const required = { Source, DetailType, Detail };
  for (const [name, value] of Object.entries(required)) {
    if (!value)
      return { ErrorCode: 'InvalidArgument', ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.` };
  }
  if (Source?.startsWith('aws.')) return { ErrorCode: 'NotAuthorizedForSource', ErrorMessage: 'Not authorized for the source.' };
  if (!isJsonObject(Detail ?? '')) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  if (EventBusName !== 'default' && !EventBusName.endsWith(':event-bus/default')) {
    return {
      ErrorCode: 'ResourceNotFoundException',
      ErrorMessage: `Event bus ${EventBusName} does not exist; only the default bus has a stand-in.`,
    };
  }
  return undefined;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
