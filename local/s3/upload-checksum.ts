import type { IncomingHttpHeaders } from 'node:http';
import type { StoredChecksum } from './body.ts';
import { CHECKSUMS } from './checksums.ts';
import { notImplemented, S3Error } from './errors.ts';
import type { Part, Upload } from './uploads.ts';

/** The checksum a multipart upload was created with: its parts have to carry it. */
export interface UploadChecksum {
  /** As in `x-amz-checksum-algorithm`: `SHA256`. */
  readonly algorithm: string;
  readonly type: 'COMPOSITE' | 'FULL_OBJECT';
}

/** S3's defaults by algorithm. Source: S3 user guide, "Checking object integrity", checksum types. */
const FULL_OBJECT_ONLY = 'CRC64NVME';
const COMPOSITE_ONLY = ['SHA1', 'SHA256'];

/** @throws {S3Error} InvalidRequest for an algorithm or a type S3 does not have */
export function uploadChecksumOf(headers: IncomingHttpHeaders): UploadChecksum | undefined {
  const algorithm = headers['x-amz-checksum-algorithm'];
  const type = headers['x-amz-checksum-type'];
  if (algorithm === undefined) {
    if (type !== undefined)
      throw new S3Error('InvalidRequest', 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
    return undefined;
  }
  const name = String(algorithm).toUpperCase();
  if (CHECKSUMS[headerOf(name)] === undefined) throw new S3Error('InvalidRequest', 'Checksum algorithm provided is unsupported.');
  const chosen = type ?? (name === FULL_OBJECT_ONLY ? 'FULL_OBJECT' : 'COMPOSITE');
  if (chosen !== 'COMPOSITE' && chosen !== 'FULL_OBJECT')
    throw new S3Error('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.');
  if (chosen === 'FULL_OBJECT' ? COMPOSITE_ONLY.includes(name) : name === FULL_OBJECT_ONLY) {
    throw new S3Error('InvalidRequest', `The ${chosen} checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`);
  }
  return { algorithm: name, type: chosen };
}

/** `SHA256` → `x-amz-checksum-sha256` */
export function headerOf(algorithm: string): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** `SHA256` → `ChecksumSHA256`, the element in XML. */
export function elementOf(algorithm: string): string {
  return `Checksum${algorithm}`;
}

/** The checksum to keep of a part that arrived. @throws {S3Error} InvalidRequest unless it is of the upload's algorithm; S3 computes CRC64NVME itself */
export function partChecksum({ checksum: wanted }: Upload, found: StoredChecksum | undefined): string | undefined {
  if (wanted === undefined) return undefined;
  if (found?.header === headerOf(wanted.algorithm)) return found.value;
  if (found === undefined && wanted.algorithm === FULL_OBJECT_ONLY) return undefined;
  const actual = found?.header.slice('x-amz-checksum-'.length) ?? 'null';
  throw new S3Error(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${wanted.algorithm.toLowerCase()}, actual checksum Type: ${actual}`,
  );
}

/** Of the joined object. A full-object checksum would need every byte again; it is left out here, and refused when a client promises one. */
export function joinedChecksum({ checksum }: Upload, parts: readonly Part[]): StoredChecksum | undefined {
  if (checksum?.type !== 'COMPOSITE') return undefined;
  const header = headerOf(checksum.algorithm);
  const running = CHECKSUMS[header]?.();
  for (const part of parts) running?.update(Buffer.from(part.checksum ?? '', 'base64'));
  return running === undefined ? undefined : { header, value: `${running.digest()}-${parts.length}` };
}

/** @throws {S3Error} when `CompleteMultipartUpload` promises another whole than there is */
export function assertJoined(headers: IncomingHttpHeaders, joined: StoredChecksum | undefined): void {
  const promised = Object.keys(headers).find((name) => CHECKSUMS[name] !== undefined);
  if (promised === undefined) return;
  if (joined === undefined) throw notImplemented(`${promised} of the whole object on CompleteMultipartUpload`);
  const value = String(headers[promised]);
  if (promised === joined.header && (value === joined.value || value === joined.value.split('-')[0])) return;
  throw new S3Error('BadDigest', `The ${promised.slice('x-amz-checksum-'.length)} you specified did not match the calculated checksum.`, {
    ExpectedDigest: value.slice(0, 200),
    CalculatedDigest: joined.value,
  });
}
