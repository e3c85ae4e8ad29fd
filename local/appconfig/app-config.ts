import type { Resource } from '../assembly/template.ts';
import type { JsonService, ServiceRequest, ServiceResponse } from '../gateway/service.ts';
import { Agent } from './agent.ts';
import { applyTemplate } from './apply-template.ts';
import { answerControlPlane } from './control-plane.ts';
import { DataPlane } from './data-plane.ts';
import {
  createHostedConfigurationVersion,
  type DeploymentOutput,
  getDeployment,
  getHostedConfigurationVersion,
  startDeployment,
  stopDeployment,
  type VersionOutput,
} from './operations.ts';
import { readDeclared } from './read-declared.ts';
import { Store } from './store.ts';

/** A change of an alarm's state, as far as deployments care. */
export interface MonitoredAlarm {
  readonly alarmArn: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Without actions an alarm rolls nothing back. Source: AppConfig user guide, monitoring deployments. */
  readonly actionsEnabled: boolean;
}

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

/**
 * AppConfig and AppConfigData, which share the scope `appconfig`, and the agent that functions read from. The operations are here in process
 * too, with the members of the API in and out; they throw what the service answers, as `AwsError`.
 */
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

  startDeployment(input: unknown): DeploymentOutput {
    return startDeployment(this.#store, input);
  }

  getDeployment(input: unknown): DeploymentOutput {
    return getDeployment(this.#store, input);
  }

  /** With `AllowRevert` also what was completed within 72 hours. */
  stopDeployment(input: unknown): DeploymentOutput {
    return stopDeployment(this.#store, input);
  }

  /** `Content` is the document as text. */
  createHostedConfigurationVersion(input: unknown): VersionOutput {
    return createHostedConfigurationVersion(this.#store, input);
  }

  getHostedConfigurationVersion(input: unknown): VersionOutput {
    return getHostedConfigurationVersion(this.#store, input);
  }

  /** Told when an alarm goes to another state: in ALARM and INSUFFICIENT_DATA what is under way where it is a monitor is rolled back. */
  alarmChanged({ alarmArn, state, actionsEnabled }: MonitoredAlarm): void {
    if (state !== 'OK' && actionsEnabled) this.#store.rollBackFor(alarmArn);
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    if (request.method === 'POST' && request.path === '/configurationsessions') return this.#dataPlane.startSession(request);
    if (request.method === 'GET' && request.path === '/configuration') return this.#dataPlane.getLatest(request);
    return answerControlPlane(this.#store, request);
  }
}
