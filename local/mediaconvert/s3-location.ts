/** An object or a place for objects. The key is literal: an `s3://` address is not percent-encoded. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** Reads `s3://bucket/key`, a form `checkJob` has verified. */
export function toS3Location(uri: string): S3Location {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri) ?? [];
  return { bucket, key };
}

export function toS3Uri({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`;
}

/** The last part of a key, without its extension. */
export function baseNameOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
