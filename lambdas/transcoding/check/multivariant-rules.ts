import type { Findings } from './fault-log.ts';
import { inPlaylistOrder, type MeasuredRendition, mediaPlaylistUri } from './multivariant.ts';
import { attributes, decimal, playlistLines, resolution, tagValue } from './playlist-lines.ts';
import { resolveUri } from './relative-uri.ts';

const BANDWIDTH_TOLERANCE = 0.1;
const FRAME_RATE_TOLERANCE = 0.001;
/** Apple 1.30. */
const PEAK_TO_AVERAGE = 2;
const RUNG_RATIO = 1.3;

/** A multivariant playlist against what was measured: checks 1, 2, 6, 26 to 31, 37's tag, 40 and 41. */
export function checkMultivariant(bytes: Uint8Array, file: string, measured: readonly MeasuredRendition[], findings: Findings): void {
  const { faults, warnings } = findings;
  const lines = playlistLines(bytes, file, faults);
  if (!lines.includes('#EXT-X-INDEPENDENT-SEGMENTS')) faults.add(6, file, 'no EXT-X-INDEPENDENT-SEGMENTS', 'the tag');
  const offered: string[] = [];
  for (const [index, line] of lines.entries()) {
    const list = tagValue(line, 'EXT-X-STREAM-INF');
    if (list === undefined) continue;
    const uri = lines[index + 1] ?? '';
    const resolved = resolveUri(file, uri);
    if ('refused' in resolved) faults.add(2, file, `a URI ${resolved.refused}: ${uri}`, 'a relative URI inside the folder');
    const rendition = measured.find(({ name }) => mediaPlaylistUri(name) === uri);
    if (rendition === undefined) faults.add(2, file, `a variant at ${uri}`, measured.map(({ name }) => mediaPlaylistUri(name)).join(', '));
    else {
      offered.push(rendition.name);
      checkVariant(attributes(list), `${file}#${rendition.name}`, rendition, findings);
    }
  }
  for (const { name } of measured) if (!offered.includes(name)) faults.add(2, file, `no variant for ${name}`, mediaPlaylistUri(name));
  const startUp = inPlaylistOrder(measured)[0]?.name;
  if (offered[0] !== startUp) warnings.add(40, file, `${offered[0] ?? 'nothing'} first`, `${startUp}, the nearest to 2 Mb/s`);
  checkSteps(measured, file, findings);
}

function checkVariant(
  given: ReadonlyMap<string, string>,
  file: string,
  rendition: MeasuredRendition,
  { faults, warnings }: Findings,
): void {
  const differs = (value: number | undefined, right: number) => value === undefined || Math.abs(value / right - 1) > BANDWIDTH_TOLERANCE;
  const average = decimal(given.get('AVERAGE-BANDWIDTH'));
  const peak = decimal(given.get('BANDWIDTH'));
  const { averageBandwidthBps, bandwidthBps, codecs, widthPx, heightPx, frameRate } = rendition;
  if (differs(average, averageBandwidthBps)) faults.add(26, file, `AVERAGE-BANDWIDTH ${average}`, `${averageBandwidthBps} within 10 %`);
  if (differs(peak, bandwidthBps)) faults.add(27, file, `BANDWIDTH ${peak}`, `${bandwidthBps} within 10 %`);
  if (bandwidthBps > PEAK_TO_AVERAGE * averageBandwidthBps) {
    warnings.add(28, file, `a peak of ${bandwidthBps} b/s`, `at most twice the average of ${averageBandwidthBps}`);
  }
  if (given.get('CODECS') !== codecs) faults.add(29, file, `CODECS ${given.get('CODECS')}`, codecs);
  const size = resolution(given.get('RESOLUTION'));
  if (size?.widthPx !== widthPx || size.heightPx !== heightPx) {
    faults.add(30, file, `RESOLUTION ${given.get('RESOLUTION')}`, `${widthPx}x${heightPx}`);
  }
  const rate = decimal(given.get('FRAME-RATE'));
  if (rate === undefined || Math.abs(rate - frameRate) > FRAME_RATE_TOLERANCE) {
    faults.add(31, file, `FRAME-RATE ${given.get('FRAME-RATE')}`, frameRate.toFixed(3));
  }
  const range = given.get('VIDEO-RANGE') ?? 'SDR';
  if (range !== 'SDR') faults.add(37, file, `VIDEO-RANGE ${range}`, 'SDR or none');
}

function checkSteps(measured: readonly MeasuredRendition[], file: string, { warnings }: Findings): void {
  const rising = [...measured].sort((one, other) => one.widthPx * one.heightPx - other.widthPx * other.heightPx);
  for (const [index, upper] of rising.entries()) {
    const lower = rising[index - 1];
    if (lower === undefined) continue;
    const ratio = upper.averageBandwidthBps / lower.averageBandwidthBps;
    if (upper.widthPx * upper.heightPx === lower.widthPx * lower.heightPx || ratio < RUNG_RATIO) {
      warnings.add(
        41,
        file,
        `${upper.name} at ${ratio.toFixed(2)} times the rate of ${lower.name}`,
        `larger, and at least ${RUNG_RATIO} times`,
      );
    }
  }
}
