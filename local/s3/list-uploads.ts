import { S3Error } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { elementOf } from './upload-checksum.ts';
import type { Part, Upload } from './uploads.ts';
import { element } from './xml.ts';

/** Of one answer, and what is asked for when nothing is said. */
const MAX_ITEMS = 1000;
const OWNER = ['laptop', 'laptop'] as const;

/** The parts of an upload in ascending order, at most a thousand an answer. */
export function listParts({ bucket, call, answerXml }: Exchange): void {
  const upload = bucket.uploads.find(call.key, call.query.get('uploadId'));
  const marker = numberOf(call.query, 'part-number-marker', 0);
  const maxParts = Math.min(numberOf(call.query, 'max-parts', MAX_ITEMS), MAX_ITEMS);
  const rest = [...upload.parts.values()].filter(({ number }) => number > marker).sort((a, b) => a.number - b.number);
  const parts = rest.slice(0, maxParts);
  answerXml('ListPartsResult', [
    element('Bucket', bucket.name),
    element('Key', upload.key),
    element('UploadId', upload.id),
    ...person('Initiator'),
    ...person('Owner'),
    element('StorageClass', upload.headers['x-amz-storage-class'] ?? 'STANDARD'),
    element('PartNumberMarker', String(marker)),
    element('NextPartNumberMarker', String(parts.at(-1)?.number ?? 0)),
    element('MaxParts', String(maxParts)),
    element('IsTruncated', String(rest.length > parts.length)),
    ...checksumElements(upload),
    ...parts.map((part) => partElement(upload, part)),
  ]);
}

/** The open uploads of a bucket by key and beginning, at most a thousand an answer. */
export function listMultipartUploads({ bucket, call, answerXml }: Exchange): void {
  const { query } = call;
  const [prefix, keyMarker, idMarker] = ['prefix', 'key-marker', 'upload-id-marker'].map((name) => query.get(name) ?? '') as [
    string,
    string,
    string,
  ];
  const maxUploads = Math.min(numberOf(query, 'max-uploads', MAX_ITEMS), MAX_ITEMS);
  const write =
    query.get('encoding-type') === 'url' ? (text: string) => encodeURIComponent(text).replaceAll('%2F', '/') : (text: string) => text;
  const all = bucket.uploads.list().filter(({ key }) => key.startsWith(prefix));
  const passed = all.findIndex(({ key, id }) => key === keyMarker && id === idMarker);
  const rest = passed >= 0 ? all.slice(passed + 1) : all.filter(({ key }) => keyMarker === '' || key > keyMarker);
  const uploads = rest.slice(0, maxUploads);
  const last = uploads.at(-1);
  answerXml('ListMultipartUploadsResult', [
    element('Bucket', bucket.name),
    element('KeyMarker', write(keyMarker)),
    element('UploadIdMarker', idMarker),
    ...(last !== undefined && rest.length > uploads.length
      ? [element('NextKeyMarker', write(last.key)), element('NextUploadIdMarker', last.id)]
      : []),
    ...(prefix === '' ? [] : [element('Prefix', write(prefix))]),
    ...(query.get('encoding-type') === 'url' ? [element('EncodingType', 'url')] : []),
    element('MaxUploads', String(maxUploads)),
    element('IsTruncated', String(rest.length > uploads.length)),
    ...uploads.map((upload) =>
      element('Upload', [
        element('UploadId', upload.id),
        element('Key', write(upload.key)),
        element('Initiated', upload.initiated),
        element('StorageClass', upload.headers['x-amz-storage-class'] ?? 'STANDARD'),
        ...person('Owner'),
        ...person('Initiator'),
        ...checksumElements(upload),
      ]),
    ),
  ]);
}

function checksumElements({ checksum }: Upload): string[] {
  return checksum === undefined ? [] : [element('ChecksumAlgorithm', checksum.algorithm), element('ChecksumType', checksum.type)];
}

function partElement({ checksum: wanted }: Upload, { number, etag, size, modified, checksum }: Part): string {
  return element('Part', [
    element('PartNumber', String(number)),
    element('LastModified', modified),
    element('ETag', `"${etag}"`),
    element('Size', String(size)),
    ...(wanted === undefined || checksum === undefined ? [] : [element(elementOf(wanted.algorithm), checksum)]),
  ]);
}

function person(name: 'Initiator' | 'Owner'): string[] {
  return [element(name, [element('ID', OWNER[0]), element('DisplayName', OWNER[1])])];
}

function numberOf(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null || text === '') return otherwise;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new S3Error('InvalidArgument', `Provided ${name} not an integer or within integer range`, {
    ArgumentName: name,
    ArgumentValue: text.slice(0, 200),
  });
}
