/** Nobody has put the private half of the signing key. Not retried: a person puts it (docs/decisions/0018-delivery.md, "Keys"). */
export class MissingSigningKeyError extends Error {
  override readonly name = 'MissingSigningKeyError';

  constructor(secretArn: string, options?: ErrorOptions) {
    super(
      `the secret ${secretArn} has no RSA private key in PEM; put the private half of the environment's first signing key: ` +
        'aws secretsmanager put-secret-value --secret-id … --secret-string file://private-key.pem',
      options,
    );
  }
}

/** A path that no version of a video has. A fault of the caller. */
export class NotAVersionPathError extends Error {
  override readonly name = 'NotAVersionPathError';

  constructor(path: string) {
    super(`${JSON.stringify(path)} is no path of a video's version; expected /<encoded|thumbnails|previews>/<videoId>/<version>/<file>`);
  }
}

/** Others kept changing the key-value store in between. Safe to repeat. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError';

  constructor(attempts: number, options?: ErrorOptions) {
    super(`the key-value store was changed by others ${attempts} times in a row; nothing of this was written, repeat it`, options);
  }
}
