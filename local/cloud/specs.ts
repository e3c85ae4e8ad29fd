import { readFileSync } from 'node:fs';
import type { Assembly } from '../assembly/read-assembly.ts';
import type { Resource } from '../assembly/template.ts';
import { UserError } from '../errors.ts';
import type { RuleSpec } from '../eventbridge/rule.ts';
import { parseSchedule, type Schedule } from '../eventbridge/schedule.ts';
import type { FunctionSpec } from '../lambda/function-spec.ts';
import type { CorsRule } from '../s3/cors.ts';
import type { BucketSpec } from '../s3/s3.ts';
import type { SecretSpec } from '../secretsmanager/secrets-manager.ts';
import type { MachineSpec } from '../step-functions/step-functions.ts';

type Properties = Readonly<Record<string, unknown>>;

/** What each stand-in is told, read from the assembly's resources. */
export class Specs {
  readonly #assembly: Assembly;

  constructor(assembly: Assembly) {
    this.#assembly = assembly;
  }

  resources(type: string): readonly Resource[] {
    return this.#assembly.resources.filter((resource) => resource.type === type);
  }

  buckets(): readonly BucketSpec[] {
    return this.resources('AWS::S3::Bucket').map(({ ref, properties }) => {
      const notifications = properties.NotificationConfiguration as
        | { EventBridgeConfiguration?: { EventBridgeEnabled?: boolean } }
        | undefined;
      const cors = properties.CorsConfiguration as { CorsRules?: readonly CorsRule[] } | undefined;
      const eventBridge = notifications?.EventBridgeConfiguration?.EventBridgeEnabled === true;
      return { name: ref, eventBridge, corsRules: cors?.CorsRules };
    });
  }

  /** Our own functions. Those that CDK adds to serve a deploy are not run here. */
  functions(): readonly FunctionSpec[] {
    return this.resources('AWS::Lambda::Function')
      .filter(({ properties }) => properties.Handler !== '__entrypoint__.handler')
      .map(({ ref, attributes, properties }) => ({
        name: ref,
        arn: attributes.Arn ?? ref,
        codeDir: this.#asset(properties.Code as Properties),
        handler: String(properties.Handler),
        environment: ((properties.Environment as Properties | undefined)?.Variables ?? {}) as Readonly<Record<string, string>>,
        timeoutSeconds: Number(properties.Timeout ?? 3),
        memoryMb: Number(properties.MemorySize ?? 128),
        layers: (properties.Layers ?? []) as readonly string[],
      }));
  }

  machines(): readonly MachineSpec[] {
    return this.resources('AWS::StepFunctions::StateMachine').map(({ ref, attributes, properties }) => ({
      name: attributes.Name ?? ref,
      arn: ref,
      roleArn: String(properties.RoleArn),
      definition: JSON.parse(
        substitute(this.#definition(properties), (properties.DefinitionSubstitutions ?? {}) as Readonly<Record<string, string>>),
      ),
    }));
  }

  rules(): readonly RuleSpec[] {
    return this.resources('AWS::Events::Rule').map(({ ref, properties }) => ({
      name: ref,
      eventPattern: properties.EventPattern as Properties,
      state: properties.State === 'DISABLED' ? 'DISABLED' : 'ENABLED',
      targets: ((properties.Targets ?? []) as readonly Properties[]).map((target) => ({
        arn: String(target.Arn),
        roleArn: target.RoleArn as string,
        input: target.Input as string,
        inputPath: target.InputPath as string,
        inputTransformer: transformer(target.InputTransformer as Properties | undefined) as never,
      })),
    }));
  }

  schedules(): readonly Schedule[] {
    return this.resources('AWS::Scheduler::Schedule').map(({ ref, properties }) => parseSchedule(ref, properties));
  }

  keyValueStores(): readonly { readonly arn: string; readonly name: string }[] {
    return this.resources('AWS::CloudFront::KeyValueStore').map(({ ref, attributes }) => ({ arn: attributes.Arn ?? ref, name: ref }));
  }

  secrets(): readonly SecretSpec[] {
    return this.resources('AWS::SecretsManager::Secret').map(({ ref, properties }) => ({ arn: ref, name: String(properties.Name ?? ref) }));
  }

  /** ARNs of the functions that a deploy runs, in the order of the stacks. */
  deployTriggers(): readonly string[] {
    return this.resources('Custom::Trigger').map(({ properties }) => String(properties.HandlerArn));
  }

  #asset(code: Properties): string {
    if (typeof code.S3Key !== 'string')
      throw new UserError('a function of the assembly has inline code; expected a bundled asset (lib/lambda-step.ts)');
    return this.#assembly.assetPath(code.S3Key);
  }

  #definition(properties: Properties): string {
    const location = properties.DefinitionS3Location as { Key: string } | undefined;
    return location === undefined ? String(properties.DefinitionString) : readFileSync(this.#assembly.assetPath(location.Key), 'utf8');
  }
}

function transformer(properties: Properties | undefined) {
  return properties && { inputPathsMap: properties.InputPathsMap, inputTemplate: properties.InputTemplate };
}

/** CloudFormation inserts values as text; a name without a value stays, and the definition's check refuses it. */
function substitute(definition: string, values: Readonly<Record<string, string>>): string {
  return definition.replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => values[name] ?? whole);
}
