import { randomBytes } from 'node:crypto';
import { type DeploymentState, deploymentProgress } from './deployment-progress.ts';
import { badRequest, conflict, notFound, tooLarge } from './errors.ts';
import type { Application, Declared, Deployment, Environment, HostedVersion, Profile, Stopped, Strategy } from './model.ts';
import { readState, type State, writeState } from './state-file.ts';
import { PREDEFINED_STRATEGIES } from './strategies.ts';
import type { StrategyChange } from './strategy-properties.ts';
import { validateContent, validateFlags } from './validate-content.ts';

/** The default quota of a hosted version. Source: AppConfig quotas. */
const MAX_CONTENT_BYTES = 2 * 1024 * 1024;
/** How long a completed deployment can be reverted. Source: AppConfig user guide. */
const REVERT_WINDOW_MS = 72 * 60 * 60 * 1000;

export interface NewVersion extends Omit<HostedVersion, 'number' | 'contentBase64'> {
  readonly content: Buffer;
  /** The newest version its author knows of; another one means that somebody else was faster. */
  readonly latestKnown?: number | undefined;
}

export interface NewDeployment {
  readonly environmentId: string;
  readonly profileId: string;
  readonly strategyId: string;
  /** A number or a label. */
  readonly version: string;
  readonly description?: string | undefined;
}

/** Versions and deployments, and the rules by which they come about. Throws what the service answers. */
export class Store {
  readonly declared: Declared;
  readonly #state: State;
  readonly #file: string | undefined;
  readonly #clock: () => number;

  constructor(declared: Declared, { stateFile, clock }: { stateFile: string | undefined; clock: () => number }) {
    this.declared = declared;
    this.#file = stateFile;
    this.#clock = clock;
    this.#state = readState(stateFile);
  }

  now(): number {
    return this.#clock();
  }

  application(id: string): Application {
    return found(
      'Application',
      id,
      this.declared.applications.find(({ Id }) => Id === id),
    );
  }

  environment(applicationId: string, id: string): Environment {
    this.application(applicationId);
    const environment = this.declared.environments.find(({ Id, ApplicationId }) => Id === id && ApplicationId === applicationId);
    return found('Environment', id, environment);
  }

  profile(applicationId: string, id: string): Profile {
    this.application(applicationId);
    const profile = this.declared.profiles.find(({ Id, ApplicationId }) => Id === id && ApplicationId === applicationId);
    return found('ConfigurationProfile', id, profile);
  }

  strategies(): readonly Strategy[] {
    return [...PREDEFINED_STRATEGIES, ...this.declared.strategies.map((declared) => this.#asChanged(declared)), ...this.#state.strategies];
  }

  strategy(id: string): Strategy {
    return found(
      'DeploymentStrategy',
      id,
      this.strategies().find(({ Id }) => Id === id),
    );
  }

  addStrategy(properties: Omit<Strategy, 'Id'>): Strategy {
    const strategy = { ...properties, Id: randomBytes(4).toString('hex').slice(0, 7) };
    this.#state.strategies.push(strategy);
    this.#save();
    return strategy;
  }

  /** Of deployments that begin from now on: one under way goes on as it began. */
  changeStrategy(id: string, changes: StrategyChange): Strategy {
    const strategy = { ...this.strategy(id), ...changes };
    if (PREDEFINED_STRATEGIES.some(({ Id }) => Id === id)) throw badRequest(`The predefined deployment strategy ${id} cannot be changed.`);
    const declared = this.declared.strategies.find(({ Id }) => Id === id);
    if (declared !== undefined) this.#state.changedStrategies[id] = { declared, now: strategy };
    else
      this.#state.strategies.splice(
        this.#state.strategies.findIndex(({ Id }) => Id === id),
        1,
        strategy,
      );
    this.#save();
    return strategy;
  }

  /** Ascending. */
  versions(profileId: string): readonly HostedVersion[] {
    return this.#state.versions[profileId] ?? [];
  }

  /** By number or, where no number fits, by label. */
  version(profileId: string, numberOrLabel: string): HostedVersion {
    const versions = this.versions(profileId);
    const version =
      versions.find(({ number }) => String(number) === numberOrLabel) ?? versions.find(({ label }) => label === numberOrLabel);
    return found('HostedConfigurationVersion', numberOrLabel, version);
  }

  addVersion(profile: Profile, { content, latestKnown, ...rest }: NewVersion): HostedVersion {
    const { Id: profileId } = profile;
    if (content.length > MAX_CONTENT_BYTES) throw tooLarge(content.length, MAX_CONTENT_BYTES);
    const versions = this.#state.versions[profileId] ?? [];
    const latest = versions.at(-1)?.number ?? 0;
    if (latestKnown !== undefined && latestKnown !== latest)
      throw conflict(`The latest version is ${latest}, and Latest-Version-Number says ${latestKnown}; read the latest one and try again.`);
    if (rest.label !== undefined && versions.some(({ label }) => label === rest.label))
      throw conflict(`Version label ${rest.label} is already used in this configuration profile.`);
    validateFlags(profile, content);
    const version = { ...rest, number: latest + 1, contentBase64: content.toString('base64') };
    this.#state.versions[profileId] = [...versions, version];
    this.#save();
    return version;
  }

  /** Ascending. */
  deployments(environmentId: string): readonly Deployment[] {
    return this.#state.deployments[environmentId] ?? [];
  }

  deployment(environmentId: string, number: string): Deployment {
    const deployment = this.deployments(environmentId).find((candidate) => String(candidate.number) === number);
    return found('Deployment', number, deployment);
  }

  stateOf(deployment: Deployment): DeploymentState {
    return deploymentProgress(deployment, this.now()).state;
  }

  /** Validates the version and starts bringing it to the environment; with nothing to wait for the deployment is complete at once. */
  startDeployment(profile: Profile, { environmentId, strategyId, version: wanted, description }: NewDeployment): Deployment {
    const strategy = this.strategy(strategyId);
    const version = this.version(profile.Id, wanted);
    const deployments = this.deployments(environmentId);
    const busy = deployments.find((deployment) => ['DEPLOYING', 'BAKING'].includes(this.stateOf(deployment)));
    if (busy !== undefined)
      throw conflict(
        `Environment ${environmentId} is busy with deployment ${busy.number} (${this.stateOf(busy)}); wait for it, or stop it.`,
      );
    validateContent(profile, Buffer.from(version.contentBase64, 'base64'));
    const deployment: Deployment = {
      number: (deployments.at(-1)?.number ?? 0) + 1,
      profileId: profile.Id,
      version: version.number,
      description,
      strategy,
      startedAtMs: this.now(),
    };
    this.#state.deployments[environmentId] = [...deployments, deployment];
    this.#save();
    return deployment;
  }

  /** Rolls back what is under way; with `allowRevert`, takes back what was completed within 72 hours. */
  stopDeployment(environmentId: string, number: string, allowRevert: boolean): Deployment {
    const deployment = this.deployment(environmentId, number);
    const { state, completedAtMs = 0 } = deploymentProgress(deployment, this.now());
    if (state === 'DEPLOYING' || (state === 'BAKING' && allowRevert))
      return this.#stop(environmentId, deployment, { state: 'ROLLED_BACK' });
    if (state !== 'COMPLETE' || !allowRevert)
      throw badRequest(`Deployment ${number} is ${state}; expected DEPLOYING, or BAKING or COMPLETE with Allow-Revert.`);
    if (this.now() - completedAtMs > REVERT_WINDOW_MS)
      throw badRequest(`Deployment ${number} was completed more than 72 hours ago; deploy the version you want instead.`);
    const newer = this.deployments(environmentId).find(
      (other) => other.number > deployment.number && other.profileId === deployment.profileId && other.stopped === undefined,
    );
    if (newer !== undefined) throw badRequest(`Deployment ${number} was followed by deployment ${newer.number}; revert that one.`);
    return this.#stop(environmentId, deployment, { state: 'REVERTED' });
  }

  /** Rolls back what grows or bakes in the environments that watch the alarm. */
  rollBackFor(alarmArn: string): void {
    const watching = this.declared.environments.filter(({ Monitors }) => Monitors.some((monitor) => monitor.AlarmArn === alarmArn));
    for (const { Id: environmentId } of watching) {
      const busy = this.deployments(environmentId).find((deployment) => ['DEPLOYING', 'BAKING'].includes(this.stateOf(deployment)));
      if (busy !== undefined) this.#stop(environmentId, busy, { state: 'ROLLED_BACK', alarmArn });
    }
  }

  /**
   * The version that is served to a target. While a deployment grows, a target's slot (0 to 100) says whether it is among those that are
   * offered the new version already.
   */
  served(environmentId: string, profileId: string, slot: number): HostedVersion | undefined {
    const served = this.deployments(environmentId).findLast((deployment) => {
      if (deployment.profileId !== profileId) return false;
      const { state, percentage } = deploymentProgress(deployment, this.now());
      return state === 'COMPLETE' || state === 'BAKING' || (state === 'DEPLOYING' && slot < percentage);
    });
    return served && this.version(profileId, String(served.version));
  }

  /** What became of a version or deployment of the template, when exactly this was asked for before. */
  appliedBefore(path: string, fingerprint: string): number | undefined {
    const applied = this.#state.applied[path];
    return applied?.fingerprint === fingerprint ? applied.number : undefined;
  }

  markApplied(path: string, fingerprint: string, number: number): void {
    this.#state.applied[path] = { fingerprint, number };
    this.#save();
  }

  /** A change stays until the template declares something else, as CloudFormation leaves it. */
  #asChanged(declared: Strategy): Strategy {
    const changed = this.#state.changedStrategies[declared.Id];
    return changed !== undefined && JSON.stringify(changed.declared) === JSON.stringify(declared) ? changed.now : declared;
  }

  #stop(environmentId: string, deployment: Deployment, how: Omit<Stopped, 'atMs'>): Deployment {
    const stopped = { ...deployment, stopped: { ...how, atMs: this.now() } };
    this.#state.deployments[environmentId] = this.deployments(environmentId).map((other) => (other === deployment ? stopped : other));
    this.#save();
    return stopped;
  }

  #save(): void {
    writeState(this.#file, this.#state);
  }
}

function found<T>(type: string, identifier: string, value: T | undefined): T {
  if (value === undefined) throw notFound(type, identifier);
  return value;
}
