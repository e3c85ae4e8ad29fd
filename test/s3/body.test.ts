import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AwsChunkedDecoder } from '../../local/s3/aws-chunked.ts';
import { CHECKSUMS } from '../../local/s3/checksums.ts';

it.each([
  ['x-amz-checksum-crc32', 'cbf43926'],
  ['x-amz-checksum-crc32c', 'e3069283'],
  ['x-amz-checksum-crc64nvme', 'ae8b14860a799888'],
  ['x-amz-checksum-sha1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
])('computes %s of the check string, however it is cut', (header, hex) => {
  for (const cut of [0, 4, 9]) {
    const checksum = CHECKSUMS[header]?.();
    checksum?.update(Buffer.from('123456789'.slice(0, cut)));
    checksum?.update(Buffer.from('123456789'.slice(cut)));
    expect(Buffer.from(checksum?.digest() ?? '', 'base64').toString('hex')).toBe(hex);
  }
});

async function decode(pieces: readonly Uint8Array[]): Promise<{ content: Buffer; trailers: ReadonlyMap<string, string> }> {
  const decoder = new AwsChunkedDecoder();
  const parts: Buffer[] = [];
  await pipeline(pieces, decoder, async (source) => {
    for await (const part of source) parts.push(part);
  });
  return { content: Buffer.concat(parts), trailers: decoder.trailers };
}

it('takes the framing off, wherever the network cuts it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 17 }),
      fc.boolean(),
      async (chunks, step, signed) => {
        const signature = signed ? ';chunk-signature=0f' : '';
        const framed = Buffer.concat([
          ...chunks.flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}${signature}\r\n`), chunk, Buffer.from('\r\n')]),
          Buffer.from(`0${signature}\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n`),
        ]);
        const pieces = Array.from({ length: Math.ceil(framed.length / step) }, (_, index) =>
          framed.subarray(index * step, (index + 1) * step),
        );
        const { content, trailers } = await decode(pieces);
        expect(content.equals(Buffer.concat(chunks))).toBe(true);
        expect(trailers.get('x-amz-checksum-crc32')).toBe('AAAAAA==');
      },
    ),
  );
});

it.each(['', '5\r\nhel', '5\r\nhelloX\r\n0\r\n\r\n', 'zz\r\n', '5\r\nhello\r\n', `${'1'.repeat(5000)}`])(
  'refuses broken framing: %j',
  async (framed) => {
    await expect(decode([Buffer.from(framed)])).rejects.toMatchObject({ code: 'IncompleteBody' });
  },
);
