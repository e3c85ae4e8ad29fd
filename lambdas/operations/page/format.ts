import type { Label } from './labels.ts';

const numbers = new Intl.NumberFormat('ko-KR');
const oneDecimal = new Intl.NumberFormat('ko-KR', { maximumFractionDigits: 1 });
const SEOUL = { timeZone: 'Asia/Seoul', hourCycle: 'h23' } as const;
const times = new Intl.DateTimeFormat('ko-KR', { ...SEOUL, hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dateTimes = new Intl.DateTimeFormat('ko-KR', { ...SEOUL, month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' });

const days = new Intl.DateTimeFormat('ko-KR', { timeZone: 'Asia/Seoul', year: 'numeric', month: '2-digit', day: '2-digit' });

/** `12,345` */
export const formatCount = (count: number): string => numbers.format(count);

/** `97.3%`. Rounded down: 100 % means all of it. */
export function formatPercent(done: number, total: number): string {
  return `${oneDecimal.format(total === 0 ? 100 : Math.floor((done / total) * 1000) / 10)}%`;
}

/** Of a recording: `1:05`, `1:00:05`. */
export function formatClock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const padded = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`;
}

/** A span of work in its two largest units: `3분 20초`, `3m 20s`. */
export function formatSpan(seconds: number): Label {
  const whole = Math.max(0, Math.round(seconds));
  const units: readonly [number, string, string][] = [
    [Math.floor(whole / 86_400), '일', 'd'],
    [Math.floor(whole / 3600) % 24, '시간', 'h'],
    [Math.floor(whole / 60) % 60, '분', 'm'],
    [whole % 60, '초', 's'],
  ];
  const first = units.findIndex(([value]) => value > 0);
  const shown = first === -1 ? units.slice(-1) : units.slice(first, first + 2).filter(([value], index) => index === 0 || value > 0);
  return { ko: shown.map(([value, ko]) => value + ko).join(' '), en: shown.map(([value, , en]) => value + en).join(' ') };
}

/** `4.2 MB`, in powers of ten. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${oneDecimal.format(bytes / 1000 ** power)} ${units[power]}`;
}

const minutes = new Intl.NumberFormat('ko-KR', { maximumFractionDigits: 2 });
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 4 });

/** Of output minutes, which are billed by the second. */
export const formatMinutes = (count: number): string => minutes.format(count);

/** US dollars, to a hundredth of a cent: a short video costs cents. */
export const formatCost = (usd: number): string => dollars.format(usd);

/** `2.1 Mbps` */
export const formatBitrate = (bps: number): string => `${oneDecimal.format(bps / 1e6)} Mbps`;

/** The time of day in Seoul. */
export const formatTime = (iso: string): string => times.format(new Date(iso));

/** Day and time in Seoul. */
export const formatDateTime = (iso: string): string => dateTimes.format(new Date(iso));

/** The day in Seoul, with its year. */
export const formatDay = (iso: string): string => days.format(new Date(iso));
