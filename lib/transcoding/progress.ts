import { ArnFormat, Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { deadLetters } from '../dead-letters.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { NamedStateMachine } from '../named-state-machine.ts';
import { TRANSCODE, type TranscodingSteps } from './transcoding-steps.ts';

/** Shows how far an encode is: the state machine waits for the job and cannot tell. */
export class Progress extends Construct {
  constructor(scope: Construct, id: string, { steps }: { readonly steps: TranscodingSteps }) {
    super(scope, id);
    const recordProgress = steps.make('RecordProgress', 'record-progress', { timeout: Duration.minutes(2) }).keepFailures();
    NamedStateMachine.grantDescribe(TRANSCODE, recordProgress);
    const stack = EnvironmentStack.of(this);
    const execution = { service: 'states', resource: 'execution', arnFormat: ArnFormat.COLON_RESOURCE_NAME };
    const ownExecutions = stack.formatArn({ ...execution, resourceName: `${stack.nameOf(TRANSCODE)}:` });
    new events.Rule(this, 'JobChanged', {
      description: "A job's progress is shown on its upload",
      eventPattern: {
        source: ['aws.mediaconvert'],
        detailType: ['MediaConvert Job State Change'],
        detail: {
          status: ['PROGRESSING', 'STATUS_UPDATE', 'CANCELED'],
          // Jobs of others in the account carry no such execution, those of its other environments one of another machine.
          userMetadata: { uploadId: [{ exists: true }], kind: ['hls'], execution: [{ prefix: ownExecutions }] },
        },
      },
      targets: [new targets.LambdaFunction(recordProgress, { deadLetterQueue: deadLetters(this) })],
    });
  }
}
