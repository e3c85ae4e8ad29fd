import * as appconfig from 'aws-cdk-lib/aws-appconfig';
import { z } from 'zod';

/** AppConfig's limit on the text of a validator, in characters. */
const MAX_LENGTH = 32_768;

/** A schema as AppConfig checks documents by it. What has a default may be left out of a document. @throws when it is longer than AppConfig allows */
export function jsonSchemaValidator(profile: string, schema: z.ZodType): appconfig.JsonSchemaValidator {
  const text = JSON.stringify(z.toJSONSchema(schema, { target: 'draft-4', io: 'input' }));
  if (text.length > MAX_LENGTH)
    throw new Error(`the JSON schema of ${profile} has ${text.length} characters, and AppConfig takes ${MAX_LENGTH}; shorten it`);
  return appconfig.JsonSchemaValidator.fromInline(text);
}
