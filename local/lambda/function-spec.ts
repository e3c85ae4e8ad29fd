import { devNull } from 'node:os';

/** A Lambda function of the template. */
export interface FunctionSpec {
  readonly name: string;
  readonly arn: string;
  /** Holds the bundle, `index.mjs`. */
  readonly codeDir: string;
  /** Such as `index.handler`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** ARNs of layer versions. @default none */
  readonly layers?: readonly string[];
  /** What the extensions among the layers need a function to know: where they listen. It wins over the template's. @default none */
  readonly extensionEnvironment?: Readonly<Record<string, string>>;
}

/**
 * The whole environment of a function: the template's variables and the runtime's own, nothing of this process.
 * The stand-in's endpoint and credentials win, as the runtime's reserved variables do.
 */
export function functionEnvironment(
  spec: FunctionSpec,
  { endpoint, region }: { endpoint: string; region: string },
): Record<string, string> {
  return {
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    NODE_PATH: '/opt/nodejs/node24/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules',
    ...spec.environment,
    ...spec.extensionEnvironment,
    _HANDLER: spec.handler,
    LAMBDA_TASK_ROOT: spec.codeDir,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    // A function must not read the profiles of whoever runs the stack.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}
