import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A running checksum; `digest` gives it in base64, as S3's headers carry it. */
export interface Checksum {
  update(chunk: Buffer): void;
  digest(): string;
}

/** Headers `x-amz-checksum-*` and the algorithms behind them. */
export const CHECKSUMS: Readonly<Record<string, () => Checksum>> = {
  'x-amz-checksum-crc32': () => {
    let value = 0;
    return {
      update(chunk) {
        value = crc32(chunk, value);
      },
      digest: () => bigEndian(value),
    };
  },
  'x-amz-checksum-crc32c': crc32c,
  'x-amz-checksum-crc64nvme': crc64nvme,
  'x-amz-checksum-sha1': () => hash('sha1'),
  'x-amz-checksum-sha256': () => hash('sha256'),
};

export function hash(algorithm: 'md5' | 'sha1' | 'sha256', encoding: 'base64' | 'hex' = 'base64'): Checksum {
  const running = createHash(algorithm);
  return { update: (chunk) => void running.update(chunk), digest: () => running.digest(encoding) };
}

/** Castagnoli's polynomial, reflected. Check value of "123456789": e3069283. */
function crc32c(): Checksum {
  let value = 0xffffffff;
  return {
    update(chunk) {
      for (const byte of chunk) value = (value >>> 8) ^ (CRC32C[(value ^ byte) & 0xff] as number);
    },
    digest: () => bigEndian(~value >>> 0),
  };
}

/** The NVMe polynomial, reflected, in two halves because JavaScript shifts 32 bits. Check value of "123456789": ae8b14860a799888. */
function crc64nvme(): Checksum {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(chunk) {
      for (const byte of chunk) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (CRC64.low[index] as number);
        high = (high >>> 8) ^ (CRC64.high[index] as number);
      }
    },
    digest: () => bigEndian(~high >>> 0, ~low >>> 0),
  };
}

const CRC32C = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

const CRC64 = buildCrc64(0x9a6c9329ac4bc9b5n);

function buildCrc64(polynomial: bigint): { high: Uint32Array; low: Uint32Array } {
  const table = { high: new Uint32Array(256), low: new Uint32Array(256) };
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    table.high[byte] = Number(value >> 32n);
    table.low[byte] = Number(value & 0xffffffffn);
  }
  return table;
}

function bigEndian(...words: number[]): string {
  const buffer = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) buffer.writeUInt32BE(word >>> 0, index * 4);
  return buffer.toString('base64');
}
