import { badRequest } from './errors.ts';
import { compileJsonSchema } from './json-schema.ts';
import type { HostedVersion, Profile } from './model.ts';

/** Runs a profile's validators over a version, as StartDeployment and ValidateConfiguration do. @throws {AwsError} BadRequestException with every violation */
export function validateContent({ Name, Validators }: Profile, version: HostedVersion): void {
  if (Validators.length === 0) return;
  const document = parseJson(version, Name);
  const violations = Validators.flatMap(({ Content }) => compileJsonSchema(JSON.parse(Content))(document));
  if (violations.length === 0) return;
  const listed = violations.map(({ Location, Reason }) => `${Location}: ${Reason}`).join('; ');
  throw badRequest(`Version ${version.number} of ${Name} does not fit its JSON schema: ${listed}`, {
    Reason: 'InvalidConfiguration',
    Details: { InvalidConfiguration: violations },
  });
}

function parseJson({ number, contentBase64 }: HostedVersion, profile: string): unknown {
  try {
    return JSON.parse(Buffer.from(contentBase64, 'base64').toString('utf8'));
  } catch (cause) {
    const reason = `expected JSON: ${(cause as Error).message}`;
    throw badRequest(`Version ${number} of ${profile} does not fit its JSON schema: ${reason}`, {
      Reason: 'InvalidConfiguration',
      Details: { InvalidConfiguration: [{ Type: 'JSON_SCHEMA', Location: '$', Reason: reason }] },
    });
  }
}
