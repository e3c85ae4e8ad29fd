import type { Findings, Promised } from './promise.ts';

/** What a reader sees: every promised number, then the facts. */
export function renderTable({ promised, facts }: Findings): string {
  const lines = [
    ['measured', 'median', 'rounds', 'promise', ''],
    ...promised.map((number) => [
      `${number.name}: ${number.what}`,
      String(number.median),
      number.rounds.join(' · '),
      promiseText(number),
      number.kept ? 'kept' : 'MISSED',
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const rows = lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...rows, '', ...Object.entries(facts).map(([name, value]) => `${name.padEnd(30)}${value.toLocaleString('en')}`)].join('\n');
}

function promiseText({ promise }: Promised): string {
  if ('under' in promise) return `< ${promise.under}`;
  return 'atLeast' in promise ? `≥ ${promise.atLeast}` : `≤ ${promise.atMost}`;
}
