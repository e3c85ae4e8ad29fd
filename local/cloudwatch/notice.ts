import type { Placement } from '../assembly/template.ts';
import type { Alarm, AlarmChange } from './alarm.ts';

/** What an alarm publishes to a topic. Source: CloudWatch user guide, example of a notification. */
export function alarmNotice(alarm: Alarm, change: AlarmChange, { region, accountId }: Placement): { subject: string; message: string } {
  const { AlarmDescription = null, OKActions, AlarmActions, InsufficientDataActions, ...properties } = alarm.properties;
  const trigger = alarm.kind === 'composite' ? { AlarmRule: properties.AlarmRule } : { Trigger: triggerOf(properties) };
  return {
    // At most 100 characters, which is what SNS takes.
    subject: `${change.state}: "${alarm.name}" in ${region}`.slice(0, 100),
    message: JSON.stringify({
      AlarmName: alarm.name,
      AlarmDescription,
      AWSAccountId: accountId,
      NewStateValue: change.state,
      NewStateReason: change.reason,
      StateChangeTime: new Date(change.atMs).toISOString().replace('Z', '+0000'),
      Region: region,
      AlarmArn: alarm.arn,
      OldStateValue: change.previousState,
      OKActions,
      AlarmActions,
      InsufficientDataActions,
      ...trigger,
    }),
  };
}

/** The members of an alarm's metric; dimensions are spelled in lower case there. */
function triggerOf({ ActionsEnabled: _, Dimensions = [], ...rest }: Readonly<Record<string, unknown>>) {
  const dimensions = (Dimensions as readonly { Name: string; Value: string }[]).map(({ Name, Value }) => ({ value: Value, name: Name }));
  return { ...rest, Dimensions: dimensions };
}
