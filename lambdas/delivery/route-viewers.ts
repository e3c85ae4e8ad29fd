import { z } from 'zod';
import type { EdgeStore } from './edge-store.ts';

/** Read by lib/delivery/edge/route-pages.js. Without the key pages stay where they are. */
export const LEGACY_ROUTES_KEY = 'use_legacy_routes';

export const RouteViewersInput = z.strictObject({
  useLegacyRoutes: z.boolean(),
  /** Why, for the log and the history of the execution. */
  reason: z.string().trim().min(1).max(500),
});
export type RouteViewersInput = z.output<typeof RouteViewersInput>;

export interface RouteViewersOutput {
  readonly before: { readonly useLegacyRoutes: boolean };
  readonly after: { readonly useLegacyRoutes: boolean };
}

/** Sends page requests to LinkPick's site, or back, at every edge within seconds. Media is not touched. Safe to repeat: writes only what differs. */
export async function routeViewers(
  { useLegacyRoutes }: RouteViewersInput,
  { store }: { readonly store: Pick<EdgeStore, 'get' | 'update'> },
): Promise<RouteViewersOutput> {
  const before = (await store.get(LEGACY_ROUTES_KEY)) === 'true';
  if (before !== useLegacyRoutes) await store.update({ puts: [{ key: LEGACY_ROUTES_KEY, value: String(useLegacyRoutes) }], deletes: [] });
  return { before: { useLegacyRoutes: before }, after: { useLegacyRoutes } };
}
