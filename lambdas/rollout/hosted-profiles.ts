import {
  type AppConfigClient,
  BadRequestException,
  ConflictException,
  CreateHostedConfigurationVersionCommand,
  type DeploymentSummary,
  GetHostedConfigurationVersionCommand,
  ListDeploymentsCommand,
  ListHostedConfigurationVersionsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { FlagsRefusedError, VersionConflictError } from './errors.ts';

export interface Deployed {
  /** The document's text. */
  readonly text: string;
  readonly version: number;
}

export interface Profile {
  readonly id: string;
  /** By which deployments know it. */
  readonly name: string;
}

/** A deployment that nobody is served any more, or soon. */
export interface TakenBack {
  readonly number: number;
  /** By name. */
  readonly profile: string;
}

const BACK: readonly (string | undefined)[] = ['ROLLING_BACK', 'ROLLED_BACK', 'REVERTED'];
const UNDER_WAY: readonly (string | undefined)[] = ['VALIDATING', 'DEPLOYING', 'BAKING', 'ROLLING_BACK'];

/** AppConfig's profiles of the rollout, in one environment. */
export class HostedProfiles {
  readonly #client: AppConfigClient;
  readonly #ids: { readonly ApplicationId: string; readonly EnvironmentId: string };

  constructor(client: AppConfigClient, { applicationId, environmentId }: { applicationId: string; environmentId: string }) {
    this.#client = client;
    this.#ids = { ApplicationId: applicationId, EnvironmentId: environmentId };
  }

  /** What is served when nothing is under way: the version of the last complete deployment; undefined before the first. */
  async deployed({ id, name }: Profile): Promise<Deployed | undefined> {
    const deployment = await this.#findDeployment(({ ConfigurationName, State }) => ConfigurationName === name && State === 'COMPLETE');
    if (deployment === undefined) return undefined;
    const version = Number(deployment.ConfigurationVersion);
    const { Content } = await this.#client.send(
      new GetHostedConfigurationVersionCommand({
        ApplicationId: this.#ids.ApplicationId,
        ConfigurationProfileId: id,
        VersionNumber: version,
      }),
    );
    return { text: new TextDecoder().decode(Content), version };
  }

  /** The deployment that keeps the environment busy: `deployment 3 of feature-flags`; undefined when it is free. */
  async busyWith(): Promise<string | undefined> {
    const deployment = await this.#findDeployment(({ State }) => UNDER_WAY.includes(State));
    return deployment && `deployment ${deployment.DeploymentNumber} of ${deployment.ConfigurationName}`;
  }

  /** The newest version, deployed or not: what a new one comes after. */
  async latestVersion({ id }: Profile): Promise<number> {
    const { Items = [] } = await this.#client.send(
      new ListHostedConfigurationVersionsCommand({
        ApplicationId: this.#ids.ApplicationId,
        ConfigurationProfileId: id,
        MaxResults: 1,
      }),
    );
    return Items[0]?.VersionNumber ?? 0;
  }

  /**
   * Stores a document as the version with this label; a repeated call finds it. `after` is the newest version its author knew of.
   * @throws {FlagsRefusedError} when AppConfig refuses the document @throws {VersionConflictError} when there is a newer one
   */
  async store(profile: Profile, { text, label, after }: { text: string; label: string; after: number }): Promise<number> {
    const ids = { ApplicationId: this.#ids.ApplicationId, ConfigurationProfileId: profile.id };
    const found = await this.#labelled(profile, label);
    if (found !== undefined) return found;
    try {
      const stored = await this.#client.send(
        new CreateHostedConfigurationVersionCommand({
          ...ids,
          Content: new TextEncoder().encode(text),
          ContentType: 'application/json',
          LatestVersionNumber: after,
          VersionLabel: label,
        }),
      );
      if (stored.VersionNumber === undefined) throw new Error('CreateHostedConfigurationVersion answered without a number; expected one');
      return stored.VersionNumber;
    } catch (error) {
      if (error instanceof BadRequestException) throw new FlagsRefusedError(error.message, { cause: error });
      if (!(error instanceof ConflictException)) throw error;
      // The client repeats a call whose answer was lost, and then meets what it has stored itself.
      const stored = await this.#labelled(profile, label);
      if (stored !== undefined) return stored;
      const newest = await this.latestVersion(profile);
      if (newest === after) throw error; // a conflict of another kind, which may pass
      throw new VersionConflictError({ profile: profile.name, planned: after, found: newest }, { cause: error });
    }
  }

  async #labelled({ id }: Profile, label: string): Promise<number | undefined> {
    const { Items = [] } = await this.#client.send(
      new ListHostedConfigurationVersionsCommand({
        ApplicationId: this.#ids.ApplicationId,
        ConfigurationProfileId: id,
        VersionLabel: label,
      }),
    );
    return Items[0]?.VersionNumber;
  }

  /**
   * Takes back the last deployment of a version with this label when it is still under way. Safe to repeat: one that was taken back before, by
   * whomever, is answered as well. Undefined: there was none, or it is complete.
   */
  async stop(label: string): Promise<TakenBack | undefined> {
    const deployment = await this.#findDeployment(({ VersionLabel }) => VersionLabel === label);
    if (deployment?.DeploymentNumber === undefined || deployment.State === 'COMPLETE') return undefined;
    if (!BACK.includes(deployment.State))
      await this.#client.send(
        // A deployment that bakes is stopped by a revert alone.
        new StopDeploymentCommand({ ...this.#ids, DeploymentNumber: deployment.DeploymentNumber, AllowRevert: true }),
      );
    return { number: deployment.DeploymentNumber, profile: deployment.ConfigurationName ?? '' };
  }

  /** Newest first, as AppConfig lists them. */
  async #findDeployment(matches: (deployment: DeploymentSummary) => boolean): Promise<DeploymentSummary | undefined> {
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(new ListDeploymentsCommand({ ...this.#ids, NextToken }));
      const found = page.Items?.find(matches);
      if (found !== undefined) return found;
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return undefined;
  }
}
