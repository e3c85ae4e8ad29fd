import { AwsError } from '../gateway/aws-error.ts';

/** Names of machines and executions: 1–80 characters, none of white space, `<>{}[]?*"#%\^|~$&,;:/`, back-quote and control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the service names them
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~$&,;:/`\u0000-\u001f\u007f-\u009f]/;

/** @throws {AwsError} InvalidName */
export function checkName(name: unknown): asserts name is string {
  if (typeof name === 'string' && name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name)) return;
  throw new AwsError(
    'InvalidName',
    `Invalid Name: '${name}'; expected 1 to 80 characters without white space and without < > { } [ ] ? * " # % \\ ^ | ~ $ & , ; : / \``,
  );
}

/** The machine's name and the execution's. @throws {AwsError} InvalidArn */
export function parseExecutionArn(arn: unknown): { machine: string; name: string } {
  const [, machine, name] = /^arn:aws:states:[^:]+:[^:]+:execution:([^:]+):([^:]+)$/.exec(String(arn)) ?? [];
  if (machine === undefined || name === undefined)
    throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'; expected arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME`);
  return { machine, name };
}

/** @throws {AwsError} InvalidArn */
export function checkMachineArn(arn: unknown): asserts arn is string {
  if (/^arn:aws:states:[^:]+:[^:]+:stateMachine:[^:]+$/.test(String(arn))) return;
  throw new AwsError(
    'InvalidArn',
    `Invalid Arn: '${arn}'; expected arn:aws:states:REGION:ACCOUNT:stateMachine:NAME (versions and aliases have no stand-in)`,
  );
}
