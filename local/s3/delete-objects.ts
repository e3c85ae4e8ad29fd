import { readXml } from './body.ts';
import { notImplemented, S3Error } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { contentsOf, element, textOf } from './xml.ts';

const MAX_OBJECTS = 1000;

/** DeleteObjects: s3rver's own announces no events and takes a key like `1e3` for a number. */
export async function deleteObjects({ bucket, call, request, answerXml }: Exchange): Promise<void> {
  const xml = await readXml(request, call.headers, 'Delete');
  const objects = contentsOf(xml, 'Object');
  const keys = objects.map((object) => textOf(object, 'Key'));
  if (keys.length === 0 || keys.length > MAX_OBJECTS || keys.some((key) => key === undefined || key === '')) {
    throw new S3Error('MalformedXML', `The XML you provided must name between 1 and ${MAX_OBJECTS} keys; found ${keys.length}`);
  }
  for (const object of objects) {
    // The only version of an object in a bucket that keeps none.
    const version = textOf(object, 'VersionId');
    if (version !== undefined && version !== 'null') throw notImplemented(`VersionId ${version} in DeleteObjects`);
    const unsupported = ['ETag', 'LastModifiedTime', 'Size'].find((name) => textOf(object, name) !== undefined);
    if (unsupported !== undefined) throw notImplemented(`${unsupported} in DeleteObjects`);
  }
  const quiet = textOf(xml, 'Quiet') === 'true';
  const deleted = keys.map((key = '') => {
    bucket.delete(key);
    return quiet ? '' : element('Deleted', [element('Key', key)]);
  });
  answerXml('DeleteResult', deleted);
}
