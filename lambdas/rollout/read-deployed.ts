import { type FlagStates, INITIAL_STATES, parseFlagsDocument } from './flags-document.ts';
import type { HostedProfiles, Profile } from './hosted-profiles.ts';
import { NoticesDocument } from './notices.ts';

export interface Profiles {
  readonly flags: Profile;
  readonly notices: Profile;
}

export interface DeployedDocuments {
  readonly flags: FlagStates;
  /** Null: users are shown none, or one that is not ours. */
  readonly noticeId: string | null;
}

/** What is served now. @throws {FlagsRefusedError} when the flags are no document of ours */
export async function readDeployed(hosted: HostedProfiles, profiles: Profiles): Promise<DeployedDocuments> {
  const [flags, notices] = await Promise.all([hosted.deployed(profiles.flags), hosted.deployed(profiles.notices)]);
  return {
    flags: flags === undefined ? INITIAL_STATES : parseFlagsDocument(flags.text),
    noticeId: notices === undefined ? null : noticeIdOf(notices.text),
  };
}

/** AppConfig's validator has let nothing else pass; a document of an earlier version is simply replaced. */
function noticeIdOf(text: string): string | null {
  return NoticesDocument.safeParse(JSON.parse(text)).data?.notice?.id ?? null;
}
