const OFFSET = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/;

/** A `timestamptz` as PostgreSQL prints it, in UTC and without the zone: `2026-01-01 09:00:00.5+09` → `2026-01-01 00:00:00.5`. */
export function toUtcText(text: string): string {
  if (text.endsWith('+00')) return text.slice(0, -3);
  const parts = OFFSET.exec(text);
  if (parts === null) return text.replace(/\+00( BC)$/, '$1'); // infinity, years before Christ
  const [, year, month, day, hour, minute, second, fraction = '', sign, hours, minutes = 0, seconds = 0] = parts;
  const offsetMs = (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  // The session's zone was changed inside the transaction. Whole seconds go through Date.UTC, the fraction is not touched.
  const localMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const utc = new Date(localMs - offsetMs).toISOString();
  return `${utc.slice(0, 10)} ${utc.slice(11, 19)}${fraction}`;
}
