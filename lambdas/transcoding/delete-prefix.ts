import { DeleteObjectsCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';

/** Deletes what lies below a prefix, old versions and delete markers too, up to a number. `isEmpty`: nothing is left. */
export type DeletePrefix = (
  bucket: string,
  prefix: string,
  max: number,
) => Promise<{ readonly deleted: number; readonly isEmpty: boolean }>;

/** Some object would not go; the rest has. The next sweep tries again. */
export class DeletionError extends Error {
  override readonly name = 'DeletionError';
}

/** DeleteObjects takes as many as ListObjectVersions answers. */
const PAGE = 1_000;

export function deletePrefixWith(s3: S3Client): DeletePrefix {
  return async (bucket, prefix, max) => {
    let deleted = 0;
    // What was listed is deleted before the next look, so every look is at the first page.
    for (;;) {
      const limit = Math.min(PAGE, max - deleted);
      const listing = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, MaxKeys: Math.max(1, limit) });
      const { Versions = [], DeleteMarkers = [] } = await s3.send(listing);
      const found = [...Versions, ...DeleteMarkers].flatMap(({ Key, VersionId }) => (Key === undefined ? [] : [{ Key, VersionId }]));
      if (found.length === 0) return { deleted, isEmpty: true };
      if (limit <= 0) return { deleted, isEmpty: false };
      const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: found, Quiet: true } }));
      const [first] = Errors;
      if (first !== undefined)
        throw new DeletionError(`${Errors.length} objects below ${prefix} could not be deleted; the first: ${first.Key} (${first.Code})`);
      deleted += found.length;
    }
  };
}
