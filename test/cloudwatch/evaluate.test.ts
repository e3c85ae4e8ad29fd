import { describe, expect, it } from 'vitest';
import type { MetricAlarm, MissingData } from '../../local/cloudwatch/alarm.ts';
import { evaluate, evaluationRange } from '../../local/cloudwatch/evaluate.ts';

const KEEPS = undefined;
type Expected = readonly [missing: string | undefined, ignore: string | undefined, breaching: string, notBreaching: string];

/** `0 - X - X`: the oldest first; 0 does not breach, X does, - is missing. */
function verdict(points: string, datapointsToAlarm: number, missingData: MissingData) {
  const alarm = {
    evaluationPeriods: 3,
    datapointsToAlarm,
    missingData,
    threshold: 0,
    comparison: 'GreaterThanThreshold',
  } as MetricAlarm;
  const range = points
    .split(' ')
    .reverse()
    .map((point, index) => ({ startMs: -index * 60_000, value: { '0': 0, X: 1 }[point] }));
  expect(range).toHaveLength(evaluationRange(alarm));
  return evaluate(alarm, range);
}

// The tables of the user guide, "Configuring how CloudWatch alarms treat missing data".
describe.each<[string, readonly (readonly [string, Expected])[]]>([
  [
    '3',
    [
      ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
      ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
      ['- - - - -', ['INSUFFICIENT_DATA', KEEPS, 'ALARM', 'OK']],
      ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
      ['- - X - -', ['ALARM', KEEPS, 'ALARM', 'OK']],
    ],
  ],
  [
    '2',
    [
      ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
      ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
      ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
      ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
      ['- - - X -', ['ALARM', KEEPS, 'ALARM', 'OK']],
    ],
  ],
])('%s datapoints of 3 to alarm', (datapointsToAlarm, rows) => {
  it.each(rows)('%s', (points, [missing, ignore, breaching, notBreaching]) => {
    const expected = { missing, ignore, breaching, notBreaching };
    for (const [missingData, state] of Object.entries(expected))
      expect({ missingData, state: verdict(points, Number(datapointsToAlarm), missingData as MissingData)?.state }).toEqual({
        missingData,
        state,
      });
  });
});

it('waits with an alarm until what breaches is as old as the datapoints it takes', () => {
  expect(verdict('- - - - X', 3, 'missing')).toBe(KEEPS);
  expect(verdict('- - - X -', 3, 'missing')).toBe(KEEPS);
});

it('says why in words', () => {
  expect(verdict('0 0 X X X', 3, 'missing')?.reason).toMatch(
    /^Threshold Crossed: 3 out of the last 3 datapoints \[1 .*\] were greater than/,
  );
  expect(verdict('- - - - -', 3, 'notBreaching')?.reason).toMatch(
    /no datapoints were received for 3 periods and 3 missing .*\[NonBreaching\]/,
  );
});
