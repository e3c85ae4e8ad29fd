import { createHash } from 'node:crypto';

/** How a file is cut: all parts alike but the last. */
export interface PartPlan {
  readonly sizeBytes: number;
  readonly partBytes: number;
}

/** A part that S3 holds. */
export interface StoredPart {
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** Base64, as S3 has verified it. */
  readonly sha256: string;
  readonly etag: string;
}

/** 640 parts at 10 GiB: one listing shows them all (1,000), a browser holds three in memory, and little is lost when one breaks off. */
export const PART_BYTES = 16 * 1024 * 1024;

export function partCountOf({ sizeBytes, partBytes }: PartPlan): number {
  return Math.ceil(sizeBytes / partBytes);
}

/** Undefined for a number the file has no part for. Numbers start at 1. */
export function partSizeOf(plan: PartPlan, partNumber: number): number | undefined {
  const count = partCountOf(plan);
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > count) return undefined;
  return partNumber < count ? plan.partBytes : plan.sizeBytes - (count - 1) * plan.partBytes;
}

/** Inclusive, as `Range` headers have it. */
export function partRangeOf(plan: PartPlan, partNumber: number): { readonly first: number; readonly last: number } {
  const first = (partNumber - 1) * plan.partBytes;
  return { first, last: first + (partSizeOf(plan, partNumber) ?? 0) - 1 };
}

/** The checksum of an object made of parts, as S3 computes and writes it: SHA-256 over the parts' digests, base64, `-`, their number. */
export function compositeSha256(parts: readonly Pick<StoredPart, 'sha256'>[]): string {
  const whole = createHash('sha256');
  for (const { sha256 } of parts) whole.update(sha256, 'base64');
  return `${whole.digest('base64')}-${parts.length}`;
}
