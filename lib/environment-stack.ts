import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Environment } from '../config/environment.ts';

export interface EnvironmentStackProps extends StackProps {
  readonly environment: Environment;
}

/** A stack of one environment. */
export class EnvironmentStack extends Stack {
  readonly environmentConfig: Environment;

  constructor(scope: Construct, id: string, props: EnvironmentStackProps) {
    super(scope, id, { ...props, terminationProtection: props.environment.keepData });
    this.environmentConfig = props.environment;
  }

  /** What becomes of data when its resource goes. */
  get dataRemovalPolicy(): RemovalPolicy {
    return this.environmentConfig.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  }

  /** `videopick-dev-<name>`: names that operators type and read. */
  nameOf(name: string): string {
    return `videopick-${this.environmentConfig.name}-${name}`;
  }

  static override of(construct: Construct): EnvironmentStack {
    const stack = Stack.of(construct);
    if (!(stack instanceof EnvironmentStack))
      throw new Error(`${construct.node.path} is not inside an EnvironmentStack; compose it in lib/compose-stacks.ts`);
    return stack;
  }
}
