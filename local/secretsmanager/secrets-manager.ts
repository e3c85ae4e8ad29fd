import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from '../gateway/aws-error.ts';
import { type JsonService, operationOf, type ServiceRequest, type ServiceResponse } from '../gateway/service.ts';

const GetSecretValue = z.strictObject({ SecretId: z.string().min(1), VersionStage: z.literal('AWSCURRENT').optional() });

export interface SecretSpec {
  readonly arn: string;
  readonly name: string;
}

interface Value {
  readonly text: string;
  readonly versionId: string;
  readonly createdAtMs: number;
}

/** Secrets that functions read at run time: `GetSecretValue`. A secret has no value until somebody puts one, as in the cloud. */
export class SecretsManager implements JsonService {
  readonly protocol = 'json-1.1';
  readonly #secrets: readonly SecretSpec[];
  readonly #values = new Map<string, Value>();

  constructor(secrets: readonly SecretSpec[]) {
    this.#secrets = secrets;
  }

  /** What an operator does with `aws secretsmanager put-secret-value`. */
  put(id: string, text: string): void {
    this.#values.set(this.#find(id).arn, { text, versionId: randomUUID(), createdAtMs: Date.now() });
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const operation = operationOf(request);
    if (operation !== 'GetSecretValue') {
      throw new AwsError('UnsupportedOperation', `${operation} has no stand-in; known: GetSecretValue (docs/parity.md)`, { status: 501 });
    }
    const parsed = GetSecretValue.safeParse(JSON.parse(request.body.toString('utf8')));
    if (!parsed.success) throw new AwsError('InvalidParameterException', z.prettifyError(parsed.error));
    const { arn, name } = this.#find(parsed.data.SecretId);
    const value = this.#values.get(arn);
    if (value === undefined) {
      throw new AwsError(
        'ResourceNotFoundException',
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
      );
    }
    const { text, versionId, createdAtMs } = value;
    const body = { ARN: arn, Name: name, SecretString: text, VersionId: versionId, VersionStages: ['AWSCURRENT'] };
    return { body: { ...body, CreatedDate: createdAtMs / 1000 } };
  }

  #find(id: string): SecretSpec {
    const secret = this.#secrets.find(({ arn, name }) => arn === id || name === id);
    if (secret !== undefined) return secret;
    throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
}
