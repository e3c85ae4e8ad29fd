import type { Entity } from '../entities/entity.ts';
import { entities } from '../entities/index.ts';
import { video } from '../entities/video.ts';
import { compileAccounts } from './accounts.ts';
import {
  APPLY_LOCK,
  compileApply,
  compileKnown,
  compileOldestChanges,
  compileQueueUnknown,
  compileReferrers,
  compileWakeReferrers,
  DROP_CHANGES,
} from './apply.ts';
import { compileCapture, compileQueueChanges } from './capture.ts';
import { compileChecks, type NamedCheck } from './checks.ts';
import { compileCopy, compileNextKey, compileSetAside } from './copy.ts';
import { compileSetEmptyKeysAside } from './empty-keys.ts';
import { compileForecast, compileSharedHandles } from './forecast.ts';
import { compileSchema } from './index.ts';
import { compileInflow } from './inflow.ts';
import { compileNarrowColumns } from './narrow-columns.ts';
import { compileRefusedAgain, compileRetry } from './retry.ts';
import { compileTooLong } from './too-long.ts';
import { compileChunkEnds, compileCompare, RECORD_FOUND } from './verify.ts';

/** The entity whose bounded and occupied copies are shown: those of the others differ from their own copy in the same places. */
const SHOWN_IN_FULL = video;

/**
 * Every statement that is compiled from the entities, as reviewable text: what `npm run sql` prints, the golden test pins and the test of the Data API's limits
 * measures. One thing alone is shown for one entity only, to keep the text readable: copies of a range that ends at a key, and copies over rows that are there.
 */
export function compileAll(): string {
  const { objects } = compileSchema();
  const statements = [
    ...objects.map(({ create }) => create),
    compileAccounts(entities),
    ...entities.flatMap(entityStatements),
    RECORD_FOUND,
    compileSharedHandles(),
    ...compileCapture(entities).flatMap(({ install, remove }) => [...install, ...remove]),
    APPLY_LOCK,
    DROP_CHANGES,
    compileQueueChanges(entities),
    compileSetEmptyKeysAside(entities),
    ...compileChecks(entities).flatMap((check) => statementsOf(check).map((sql) => `-- check ${check.name}\n${sql}`)),
  ];
  return `${statements.join(';\n\n')};\n`;
}

function statementsOf(check: NamedCheck): readonly string[] {
  if ('sql' in check) return [check.sql];
  return 'chunks' in check ? check.chunks : [check.wrongSums];
}

function entityStatements(entity: Entity): readonly string[] {
  return [
    compileNarrowColumns(entity),
    compileForecast(entity),
    compileInflow(entity),
    ...lookupStatements(entity),
    ...copyStatements(entity),
    compileTooLong(entity),
    compileRetry(entity),
    compileRefusedAgain(entity),
    compileOldestChanges(entity),
    compileOldestChanges(entity, { inQuarantine: true }),
    compileKnown(entity),
    compileApply(entity),
    ...referenceStatements(entity),
    compileChunkEnds(entity),
    compileCompare(entity),
  ];
}

function lookupStatements(entity: Entity): readonly string[] {
  const { name, lookup } = entity;
  if (lookup === undefined) return [];
  return [
    `-- refresh the look-up of ${name}\n${lookup.refresh}`,
    lookup.affectedKeys,
    lookup.refreshKeys,
    compileQueueUnknown(entity), // of the keys that a look-up affects
  ];
}

function copyStatements(entity: Entity): readonly string[] {
  const toTheEnd = { bounded: false };
  const toAKey = { bounded: true };
  const common = [
    compileCopy(entity, { ...toTheEnd, occupied: false }),
    compileNextKey(entity, toTheEnd),
    compileSetAside(entity, toTheEnd),
  ];
  if (entity !== SHOWN_IN_FULL) return common;
  return [
    ...common,
    compileCopy(entity, { ...toTheEnd, occupied: true }),
    compileCopy(entity, { ...toAKey, occupied: false }),
    compileNextKey(entity, toAKey),
    compileSetAside(entity, toAKey),
  ];
}

/** What the rows of an entity mean to the entity as the one that refers: they go with the row they refer to, and are tried again when it comes. */
function referenceStatements(referrer: Entity): readonly string[] {
  const columns = Object.entries(referrer.columns).filter(([, { references }]) => references !== undefined);
  if (columns.length === 0) return [];
  return [...columns.map(([column]) => compileReferrers(referrer, column)), compileWakeReferrers(referrer)];
}
