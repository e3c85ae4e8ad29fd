import { badRequest } from './errors.ts';
import { flagViolations } from './feature-flags.ts';
import { compileJsonSchema, type Violation } from './json-schema.ts';
import type { Profile } from './model.ts';

/** Runs a profile's validators over a document, as StartDeployment and ValidateConfiguration do. @throws {AwsError} BadRequestException with every violation */
export function validateContent(profile: Profile, content: Buffer): void {
  if (profile.Type === 'AWS.AppConfig.FeatureFlags') validateFlags(profile, content);
  if (profile.Validators.length === 0) return;
  const document = parseJson(profile, content, 'JSON_SCHEMA');
  const violations = profile.Validators.flatMap(({ Content }) => compileJsonSchema(JSON.parse(Content))(document));
  if (violations.length > 0) throw refused(profile, 'its JSON schema', violations);
}

/** Flags are checked when they are stored already. @throws {AwsError} as `validateContent` */
export function validateFlags(profile: Profile, content: Buffer): void {
  if (profile.Type !== 'AWS.AppConfig.FeatureFlags') return;
  const violations = flagViolations(parseJson(profile, content, 'FEATURE_FLAGS'));
  if (violations.length > 0) throw refused(profile, 'AWS.AppConfig.FeatureFlags', violations);
}

function parseJson(profile: Profile, content: Buffer, type: Violation['Type']): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch (cause) {
    const reason = `expected JSON: ${(cause as Error).message}`;
    throw refused(profile, type === 'JSON_SCHEMA' ? 'its JSON schema' : 'AWS.AppConfig.FeatureFlags', [
      { Type: type, Location: '$', Reason: reason },
    ]);
  }
}

function refused({ Name }: Profile, what: string, violations: readonly Partial<Violation>[]) {
  const listed = violations.map(({ Location, Reason }) => `${Location}: ${Reason}`).join('; ');
  return badRequest(`The document of ${Name} does not fit ${what}: ${listed}`, {
    Reason: 'InvalidConfiguration',
    Details: { InvalidConfiguration: violations },
  });
}
