// AppConfig's terms: an application has environments and configuration profiles; a profile has versions; a deployment brings one version of one
// profile to one environment by a strategy. Members are spelled as the API spells them where they are answered as they are.

export interface Application {
  readonly Id: string;
  readonly Name: string;
  readonly Description?: string | undefined;
}

export interface Environment {
  readonly ApplicationId: string;
  readonly Id: string;
  readonly Name: string;
  readonly Description?: string | undefined;
  /** Alarms that roll a deployment back. */
  readonly Monitors: readonly Monitor[];
}

export interface Monitor {
  readonly AlarmArn: string;
  readonly AlarmRoleArn?: string | undefined;
}

export interface Validator {
  readonly Type: 'JSON_SCHEMA';
  /** The schema as text. */
  readonly Content: string;
}

export interface Profile {
  readonly ApplicationId: string;
  readonly Id: string;
  readonly Name: string;
  readonly Description?: string | undefined;
  readonly LocationUri: 'hosted';
  readonly Type: 'AWS.Freeform' | 'AWS.AppConfig.FeatureFlags';
  readonly Validators: readonly Validator[];
}

export interface Strategy {
  readonly Id: string;
  readonly Name: string;
  readonly Description?: string | undefined;
  readonly DeploymentDurationInMinutes: number;
  readonly GrowthType: 'LINEAR' | 'EXPONENTIAL';
  /** Percent of the targets. */
  readonly GrowthFactor: number;
  readonly FinalBakeTimeInMinutes: number;
  readonly ReplicateTo: 'NONE';
}

/** One version of a profile's document. */
export interface HostedVersion {
  readonly number: number;
  readonly contentType: string;
  readonly contentBase64: string;
  readonly description?: string | undefined;
  readonly label?: string | undefined;
}

/** What is kept of a deployment; its state follows from the time (`deploymentProgress`). */
export interface Deployment {
  /** Counts from 1 in each environment. */
  readonly number: number;
  readonly profileId: string;
  readonly version: number;
  readonly description?: string | undefined;
  /** As it was at the start. */
  readonly strategy: Strategy;
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
  readonly stopped?: Stopped | undefined;
}

export interface Stopped {
  readonly state: 'ROLLED_BACK' | 'REVERTED';
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** The alarm that rolled it back; without one somebody did. */
  readonly alarmArn?: string | undefined;
}

/** What the template declares: made at the start, never by a call. */
export interface Declared {
  readonly applications: readonly Application[];
  readonly environments: readonly Environment[];
  readonly profiles: readonly Profile[];
  readonly strategies: readonly Strategy[];
  readonly versions: readonly DeclaredVersion[];
  readonly deployments: readonly DeclaredDeployment[];
}

export interface DeclaredVersion {
  /** `<stack>/<logicalId>`, which is also its `Ref`. */
  readonly path: string;
  readonly profileId: string;
  readonly content: string;
  readonly contentType: string;
  readonly description?: string | undefined;
  readonly label?: string | undefined;
}

export interface DeclaredDeployment {
  readonly path: string;
  readonly environmentId: string;
  readonly profileId: string;
  readonly strategyId: string;
  /** A number, a label, or the path of a declared version. */
  readonly version: string;
  readonly description?: string | undefined;
}
