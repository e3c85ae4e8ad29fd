import type { Exchange } from './exchange.ts';
import { encodeKey, listPage, maxKeysOf } from './list-objects.ts';
import { element } from './xml.ts';

/** ListObjectVersions of a bucket that keeps no versions: every object is its only one, which S3 calls "null". */
export function listObjectVersions({ bucket, call: { query }, answerXml }: Exchange): void {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('key-marker') ?? '';
  const maxKeys = maxKeysOf(query.get('max-keys'));
  const { keys, next } = listPage(bucket.keys(), { prefix, delimiter: '', after, maxKeys });
  const name = query.get('encoding-type') === 'url' ? encodeKey : (key: string) => key;
  answerXml(
    'ListVersionsResult',
    [
      element('Name', bucket.name),
      element('Prefix', name(prefix)),
      element('KeyMarker', name(after)),
      element('MaxKeys', String(maxKeys)),
      element('IsTruncated', String(next !== undefined)),
      next === undefined ? [] : [element('NextKeyMarker', name(next)), element('NextVersionIdMarker', 'null')],
      keys.flatMap((key) => {
        const record = bucket.get(key);
        if (record === undefined) return [];
        return element('Version', [
          element('Key', name(key)),
          element('VersionId', 'null'),
          element('IsLatest', 'true'),
          element('LastModified', record.modified),
          element('ETag', `"${record.etag}"`),
          element('Size', String(record.size)),
        ]);
      }),
    ].flat(),
  );
}
