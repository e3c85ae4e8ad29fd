import type { z } from 'zod';
import { parseConfig } from '../config.ts';
import { AgentConfig } from './agent-config.ts';
import { SettingsUnavailableError } from './errors.ts';

/** The agent gives AppConfig 3 s to answer its first poll. */
const TIMEOUT_MS = 4_000;

/** A configuration and how current it is. */
export type Reading<T> =
  | { readonly value: T; readonly source: 'current'; readonly problem?: undefined }
  /** AppConfig is away, or what it answers does not fit; `problem` says which, with every bad field. */
  | { readonly value: T; readonly source: 'last-good'; readonly problem: string };

export interface ConfigurationReaderOptions<Schema extends z.ZodType> {
  /** Such as `/applications/videopick-dev/environments/dev/configurations/migration-settings`. */
  readonly path: string;
  readonly schema: Schema;
  /** The agent's, such as `http://localhost:2772`. */
  readonly agentUrl: string;
  /** @default 4000 */
  readonly timeoutMs?: number;
}

/**
 * Reads one AppConfig configuration from the agent beside the function. Make it once per module, so that the last good value outlives an
 * invocation; read it at the start of each: the agent caches, so a read costs a local call.
 */
export class ConfigurationReader<Schema extends z.ZodType> {
  readonly #options: ConfigurationReaderOptions<Schema>;
  #lastGood: { readonly value: z.output<Schema> } | undefined;

  constructor(options: ConfigurationReaderOptions<Schema>) {
    this.#options = options;
  }

  /** The reader of a function, whose environment says where the agent is. @throws {InvalidConfigError} */
  static connect<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    environment: Readonly<Record<string, string | undefined>> = process.env,
  ): ConfigurationReader<Schema> {
    const { AWS_APPCONFIG_EXTENSION_HTTP_PORT: port } = parseConfig(AgentConfig, environment);
    return new ConfigurationReader({ path, schema, agentUrl: `http://localhost:${port}` });
  }

  /** @throws {SettingsUnavailableError} when the configuration cannot be used and never could */
  async read(): Promise<Reading<z.output<Schema>>> {
    const result = await this.#fetch();
    if ('value' in result) {
      this.#lastGood = result;
      return { value: result.value, source: 'current' };
    }
    if (this.#lastGood === undefined) throw new SettingsUnavailableError(this.#options.path, result.problem, { cause: result.cause });
    return { value: this.#lastGood.value, source: 'last-good', problem: result.problem };
  }

  async #fetch(): Promise<{ readonly value: z.output<Schema> } | Refusal> {
    const { path, schema, agentUrl, timeoutMs = TIMEOUT_MS } = this.#options;
    let text: string;
    try {
      const response = await fetch(`${agentUrl}${path}`, { signal: AbortSignal.timeout(timeoutMs) });
      text = await response.text();
      if (!response.ok) return { problem: `the AppConfig agent answered ${response.status}: ${excerpt(text)}` };
    } catch (cause) {
      return { problem: `the AppConfig agent at ${agentUrl} cannot be read: ${reasonOf(cause)}`, cause };
    }
    return parse(schema, text);
  }
}

interface Refusal {
  readonly problem: string;
  readonly cause?: unknown;
}

function parse<Schema extends z.ZodType>(schema: Schema, text: string): { readonly value: z.output<Schema> } | Refusal {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    return { problem: `the deployed document is not JSON: ${(cause as Error).message}`, cause };
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return { value: parsed.data };
  const faults = parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  return { problem: `the deployed document does not fit: ${faults.join('; ')}` };
}

/** `fetch` tells what went wrong in its cause alone. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return 'it did not answer in time';
  return cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || message : message;
}

function excerpt(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
