import type { NewEvent } from '../eventbridge/event.ts';
import type { AlarmChange } from './alarm.ts';

/** CloudWatch's event on the default bus. Source: CloudWatch user guide, alarm events and EventBridge. */
export function stateChangeEvent({ alarmName, alarmArn, state, previousState, reason, reasonData, atMs }: AlarmChange): NewEvent {
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [alarmArn],
    detail: {
      alarmName,
      state: { value: state, reason, ...(reasonData !== undefined && { reasonData }), timestamp: eventTime(atMs) },
      previousState: { value: previousState },
    },
  };
}

function eventTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}
