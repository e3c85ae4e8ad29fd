import { compositeSha256, type PartPlan, partCountOf, partSizeOf, type StoredPart } from './part-plan.ts';
import { UploadError } from './upload-faults.ts';

const NAMED_AT_MOST = 20;

/** Holds what arrived against what was declared. `parts` in ascending order. @throws {UploadError} saying what is missing or different */
export function checkParts(plan: PartPlan, parts: readonly StoredPart[], declaredSha256: string): void {
  const count = partCountOf(plan);
  const there = new Set(parts.map(({ partNumber }) => partNumber));
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((partNumber) => !there.has(partNumber));
  if (missing.length > 0) {
    const more = missing.length > NAMED_AT_MOST ? ` and ${missing.length - NAMED_AT_MOST} more` : '';
    throw new UploadError('PARTS_MISSING', {
      found: `${count - missing.length} parts, not ${missing.slice(0, NAMED_AT_MOST).join(', ')}${more}`,
      expected: `${count} parts`,
    });
  }
  for (const { partNumber, sizeBytes } of parts) {
    const expected = partSizeOf(plan, partNumber);
    if (sizeBytes !== expected) {
      throw new UploadError('WRONG_PART_SIZE', {
        found: `part ${partNumber} of ${sizeBytes} bytes`,
        expected: expected === undefined ? `no part ${partNumber}` : `${expected} bytes`,
      });
    }
  }
  const found = compositeSha256(parts);
  if (found !== declaredSha256) throw new UploadError('CHECKSUM_MISMATCH', { found, expected: declaredSha256 });
}
