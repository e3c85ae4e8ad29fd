import { GetExecutionHistoryCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, expect, it } from 'vitest';
import { Gateway } from '../../local/gateway/gateway.ts';
import { executionStatusChangeEvent } from '../../local/step-functions/describe-execution.ts';
import { call, MACHINE_ARN, machine, service, task } from './helpers.ts';

const waiting = () => service(machine({ A: { Type: 'Wait', Seconds: 60, End: true } }));
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

it('speaks to the AWS SDK through the gateway', async () => {
  const stepFunctions = service(machine({ A: task() }));
  const gateway = new Gateway({
    services: new Map([['states', stepFunctions]]),
    web: (_, response) => void response.end(),
    onError: () => {},
  });
  const endpoint = await gateway.listen(0);
  const client = new SFNClient({ endpoint, region: 'ap-northeast-2', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  open.push(gateway);
  const started = await client.send(new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, name: 'run-1', input: '{"a":1}' }));
  expect(started.executionArn).toBe('arn:aws:states:ap-northeast-2:123456789012:execution:machine:run-1');
  expect(started.startDate).toBeInstanceOf(Date);
  await stepFunctions.waitForExecution(started.executionArn ?? '');
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn: started.executionArn }));
  expect(events?.at(-1)).toMatchObject({ type: 'ExecutionSucceeded', executionSucceededEventDetails: { output: '{"a":1}' } });
  await expect(client.send(new StartExecutionCommand({ stateMachineArn: MACHINE_ARN, name: 'a b' }))).rejects.toMatchObject({
    name: 'InvalidName',
  });
  client.destroy();
});

it('answers the same execution for the same name and input while it runs, and refuses the name otherwise', async () => {
  const stepFunctions = waiting();
  open.push(stepFunctions);
  const start = (input: string) => call(stepFunctions, 'StartExecution', { stateMachineArn: MACHINE_ARN, name: 'daily-2026-11-23', input });
  const first = (await start('{}')) as { executionArn: string };
  expect(await start('{}')).toEqual(first);
  await expect(start('{"a":1}')).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
  stepFunctions.stopExecution(first.executionArn);
  await expect(start('{}')).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
});

it.each([
  ['StartExecution', { stateMachineArn: 'nonsense' }, 'InvalidArn'],
  ['StartExecution', { stateMachineArn: `${MACHINE_ARN}2` }, 'StateMachineDoesNotExist'],
  ['StartExecution', { stateMachineArn: MACHINE_ARN, input: '{' }, 'InvalidExecutionInput'],
  ['StartExecution', { stateMachineArn: MACHINE_ARN, input: JSON.stringify('x'.repeat(262_143)) }, 'ValidationException'],
  ['StartExecution', { stateMachineArn: MACHINE_ARN, name: 'n'.repeat(81) }, 'InvalidName'],
  ['DescribeExecution', { executionArn: 'arn:aws:states:r:1:execution:machine:none' }, 'ExecutionDoesNotExist'],
  ['GetExecutionHistory', { executionArn: 'x' }, 'InvalidArn'],
  ['RedriveExecution', {}, 'UnknownOperationException'],
])('refuses %s %j with %s', async (operation, body, code) => {
  await expect(call(waiting(), operation, body)).rejects.toMatchObject({ code });
});

it('pages through the history in both directions without gaps', async () => {
  const stepFunctions = service(machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'C' }, C: { Type: 'Succeed' } }));
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn: MACHINE_ARN });
  await stepFunctions.waitForExecution(executionArn);
  for (const reverseOrder of [false, true]) {
    const ids: number[] = [];
    let nextToken: string | undefined;
    do {
      const page = (await call(stepFunctions, 'GetExecutionHistory', { executionArn, maxResults: 3, reverseOrder, nextToken })) as {
        events: { id: number }[];
        nextToken?: string;
      };
      ids.push(...page.events.map(({ id }) => id));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(reverseOrder ? ids.reverse() : ids).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  }
  const bare = (await call(stepFunctions, 'GetExecutionHistory', { executionArn, includeExecutionData: false })) as { events: unknown[] };
  expect(JSON.stringify(bare)).not.toContain('"input"');
});

it('lists executions newest first, by status', async () => {
  const stepFunctions = waiting();
  open.push(stepFunctions);
  const [first, second] = ['one', 'two'].map((name) => stepFunctions.startExecution({ stateMachineArn: MACHINE_ARN, name }).executionArn);
  stepFunctions.stopExecution(first ?? '');
  const list = async (statusFilter?: string) =>
    (
      (await call(stepFunctions, 'ListExecutions', { stateMachineArn: MACHINE_ARN, statusFilter })) as {
        executions: { executionArn: string }[];
      }
    ).executions.map(({ executionArn }) => executionArn);
  expect(await list()).toEqual([second, first]);
  expect(await list('ABORTED')).toEqual([first]);
});

it('announces start and end in the shape of the status-change event', async () => {
  const stepFunctions = service(machine({ A: task() }));
  const events: ReturnType<typeof executionStatusChangeEvent>[] = [];
  stepFunctions.onExecution((execution) => events.push(executionStatusChangeEvent(execution)));
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn: MACHINE_ARN, input: { a: 1 } });
  await stepFunctions.waitForExecution(executionArn);
  expect(events.map(({ detail }) => detail.status)).toEqual(['RUNNING', 'SUCCEEDED']);
  expect(events[1]).toMatchObject({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [executionArn],
    detail: { input: '{"a":1}', output: '{"a":1}' },
  });
  expect(events[1]?.detail.stopDate).toBeGreaterThan(1e12);
});

it('stops waiting when its signal says so, without stopping the execution', async () => {
  const stepFunctions = waiting();
  open.push(stepFunctions);
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn: MACHINE_ARN });
  await expect(stepFunctions.waitForExecution(executionArn, AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(stepFunctions.describeExecution(executionArn).status).toBe('RUNNING');
});
