import type { Resource } from '../assembly/template.ts';
import type { JsonService, ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import { Agent } from './agent.ts';
import { applyTemplate } from './apply-template.ts';
import { answerControlPlane } from './control-plane.ts';
import { DataPlane } from './data-plane.ts';
import { readDeclared } from './read-declared.ts';
import { Store } from './store.ts';

export interface AppConfigOptions {
  /** The template's; those of other services are passed over. */
  readonly resources: readonly Resource[];
  /** Keeps versions and deployments over a restart. @default in memory */
  readonly stateFile?: string;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** From 0 to 1: draws the share of a growing deployment a reader belongs to. @default Math.random */
  readonly random?: () => number;
}

/** AppConfig and AppConfigData, which share the scope `appconfig`, and the agent that functions read from. */
export class AppConfig implements JsonService {
  readonly protocol = 'rest-json';
  readonly #store: Store;
  readonly #dataPlane: DataPlane;
  readonly #agent: Agent;

  /** @throws {UserError} when the template's resources or the kept state cannot be taken */
  constructor({ resources, stateFile, clock = Date.now, random = Math.random }: AppConfigOptions) {
    this.#store = new Store(readDeclared(resources), { stateFile, clock });
    applyTemplate(this.#store);
    this.#dataPlane = new DataPlane(this.#store, random);
    this.#agent = new Agent(this.#store, random);
  }

  /** Starts the agent and answers its port. */
  listen(): Promise<number> {
    return this.#agent.listen();
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    if (request.method === 'POST' && request.path === '/configurationsessions') return this.#dataPlane.startSession(request);
    if (request.method === 'GET' && request.path === '/configuration') return this.#dataPlane.getLatest(request);
    return answerControlPlane(this.#store, request);
  }
}
