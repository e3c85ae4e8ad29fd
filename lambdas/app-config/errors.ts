/** A function started without any settings it could work by. Never retried: a person deploys a document that fits. */
export class SettingsUnavailableError extends Error {
  override readonly name = 'SettingsUnavailableError';
  /** Such as `/applications/videopick-dev/environments/dev/configurations/migration-settings`. */
  readonly path: string;
  /** What is wrong, with every bad field. */
  readonly problem: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(
      `the settings at ${path} cannot be used, and no earlier ones are known to go on with: ${problem}; ` +
        'deploy a document that fits through AppConfig, then start again',
      options,
    );
    this.path = path;
    this.problem = problem;
  }
}
