import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { EnvironmentStack } from './environment-stack.ts';

export interface NamedStateMachineProps {
  /** `transcode` for `statemachines/transcode.asl.json`; the machine is `videopick-<env>-transcode`. */
  readonly name: string;
  /** Functions by the name the definition knows them by: `CopyEntity` for `${CopyEntityFunctionArn}`. The machine may invoke them. */
  readonly steps: Readonly<Record<string, lambda.IFunction>>;
  /** Further substitutions of the definition. @default none */
  readonly substitutions?: Readonly<Record<string, string>>;
}

/** A state machine as this application makes them: its definition is a file, its steps are named, its errors are logged. */
export class NamedStateMachine extends sfn.StateMachine {
  constructor(scope: Construct, id: string, { name, steps, substitutions = {} }: NamedStateMachineProps) {
    const stateMachineName = EnvironmentStack.of(scope).nameOf(name);
    const functionArns = Object.entries(steps).map(([step, { functionArn }]) => [`${step}FunctionArn`, functionArn]);
    super(scope, id, {
      stateMachineName,
      definitionBody: sfn.DefinitionBody.fromFile(`statemachines/${name}.asl.json`),
      definitionSubstitutions: { ...Object.fromEntries(functionArns), ...substitutions },
      // Payloads carry ids and counts, no personal data; still only errors are worth the logs' price.
      logs: {
        level: sfn.LogLevel.ERROR,
        destination: new logs.LogGroup(scope, `${id}Logs`, {
          logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
          retention: logs.RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      },
    });
    for (const step of Object.values(steps)) step.grantInvoke(this);
  }

  /** Lets a step start the machine that it is a step of, or comes before. By name, for the same reason as `grantDescribe`. */
  static grantStart(name: string, step: lambda.Function): void {
    const stateMachineName = EnvironmentStack.of(step).nameOf(name);
    const resource = {
      service: 'states',
      resource: 'stateMachine',
      resourceName: stateMachineName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    };
    step.addToRolePolicy(new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [Stack.of(step).formatArn(resource)] }));
  }

  /** Lets a step look at the machine's executions. By name: granting on the construct would make machine and step depend on each other. */
  static grantDescribe(name: string, step: lambda.Function): void {
    const stateMachineName = EnvironmentStack.of(step).nameOf(name);
    step.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['states:DescribeExecution'],
        resources: [
          Stack.of(step).formatArn({
            service: 'states',
            resource: 'execution',
            resourceName: `${stateMachineName}:*`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ],
      }),
    );
  }
}
