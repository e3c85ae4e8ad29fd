import { flagsFor, type ServedFlags } from '../flags.ts';

/** Whether uploads are taken and transcoded (VIDEO_PROCESSING_ENABLED): a switch for everybody, on unless somebody has turned it off. */
export function isProcessingOn(flags: ServedFlags): boolean {
  return flagsFor(flags).VIDEO_PROCESSING_ENABLED.enabled;
}
