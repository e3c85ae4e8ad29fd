import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { expect, it } from 'vitest';
import { readEnvironment } from '../../config/index.ts';
import { EnvironmentStack } from '../../lib/environment-stack.ts';
import { Notices } from '../../lib/migration/notices.ts';

const environment = readEnvironment('dev');

function synthesized(): Template {
  const stack = new EnvironmentStack(new App(), 'Stack', { environment, env: { region: environment.region } });
  const role = new iam.Role(stack, 'CloseRun', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  new Notices(stack, 'Notices').grantPublish(role);
  return Template.fromStack(stack);
}

it('is named after the environment, encrypted, and refuses to be published to without TLS', () => {
  const template = synthesized();
  template.hasResourceProperties('AWS::SNS::Topic', { TopicName: 'videopick-dev-migration-notices', KmsMasterKeyId: Match.anyValue() });
  expect(JSON.stringify(template.findResources('AWS::SNS::Topic'))).toContain('alias/aws/sns');
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: [Match.objectLike({ Effect: 'Deny', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
    },
  });
});

it('lets a publisher publish to this topic and do nothing else', () => {
  const policies = Object.values(synthesized().findResources('AWS::IAM::Policy'));
  const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  expect(statements).toEqual([{ Action: 'sns:Publish', Effect: 'Allow', Resource: { Ref: expect.stringContaining('Topic') } }]);
});

it('tells operators where to subscribe', () => {
  synthesized().hasOutput('MigrationNoticesTopicArn', { Value: { Ref: Match.anyValue() } });
});
