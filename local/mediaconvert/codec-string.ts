/** AAC-LC in RFC 6381's form. */
export const AAC_LC = 'mp4a.40.2';

/** H.264 in RFC 6381's form, from the profile, constraint and level bytes of a sequence parameter set (its NAL header included). */
export function avcCodec(sps: Buffer): string {
  return `avc1.${sps.toString('hex', 1, 4)}`;
}
