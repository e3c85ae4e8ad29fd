import { channel } from './channel.ts';
import { channelSetting } from './channel-setting.ts';
import type { Entity } from './entity.ts';
import { user } from './user.ts';
import { video } from './video.ts';
import { videoAnalytics } from './video-analytics.ts';
import { videoSubmission } from './video-submission.ts';
import { watchLater } from './watch-later.ts';

/**
 * All entities in the order they are copied: every entity stands after those it refers to. A new entity is declared and added here, with its table in a new file of
 * database/migrations/ and its words on the page; a legacy table that none reads yet gets a probe row (../probe-capture.ts).
 */
export const entities: readonly Entity[] = [user, channel, channelSetting, video, videoSubmission, watchLater, videoAnalytics];

/** @throws {UnknownEntityError} */
export function entityNamed(name: string): Entity {
  const entity = entities.find((candidate) => candidate.name === name);
  if (entity === undefined) throw new UnknownEntityError(name);
  return entity;
}

/** A step was asked for an entity this version does not know: an input from another version, or typed by hand. */
export class UnknownEntityError extends Error {
  override readonly name = 'UnknownEntityError';
  constructor(entity: string) {
    super(`there is no entity "${entity}"; known, in order: ${entities.map(({ name }) => name).join(', ')}`);
  }
}
