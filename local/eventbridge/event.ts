import { randomUUID } from 'node:crypto';

/** An event as rules and targets see it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds, UTC. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What a publisher gives; the bus fills in the rest. */
export type NewEvent = Pick<BusEvent, 'source' | 'detail-type' | 'detail'> &
  Partial<Pick<BusEvent, 'resources' | 'time' | 'region' | 'account'>>;

export function completeEvent(
  event: NewEvent,
  { region, accountId, nowMs }: { region: string; accountId: string; nowMs: number },
): BusEvent {
  const { source, 'detail-type': detailType, detail, resources = [], time = isoSeconds(nowMs) } = event;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: event.account ?? accountId,
    time,
    region: event.region ?? region,
    resources,
    detail,
  };
}

/** `2026-11-23T02:00:00Z` */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
