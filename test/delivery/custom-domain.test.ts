import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, it } from 'vitest';
import { readEnvironment } from '../../config/index.ts';
import { composeStacks } from '../../lib/compose-stacks.ts';
import { delivery } from './distribution.ts';

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/6f1c';

let template: Template;
beforeAll(() => {
  const app = new App();
  composeStacks(app, {
    ...readEnvironment('dev'),
    delivery: delivery({
      domains: ['videopick.kr', 'cdn.videopick.kr'],
      oldDomains: ['www.linkpick.kr'],
      certificateArn: CERTIFICATE,
      legacy: undefined,
      appOrigins: ['https://app.videopick.kr'],
    }),
  });
  template = Template.fromStack(app.node.findChild('Delivery') as Stack);
});

it('answers to all its names with the certificate, TLS 1.2 and above', () => {
  template.hasResourceProperties('AWS::CloudFront::Distribution', {
    DistributionConfig: {
      Aliases: ['videopick.kr', 'cdn.videopick.kr', 'www.linkpick.kr'],
      ViewerCertificate: { AcmCertificateArn: CERTIFICATE, MinimumProtocolVersion: 'TLSv1.2_2021', SslSupportMethod: 'sni-only' },
    },
  });
  template.hasOutput('DistributionDomainName', { Value: 'videopick.kr' });
});

it('lets the app’s pages send cookies to private media and the API, and nobody else’s', () => {
  const policies = Object.values(template.findResources('AWS::CloudFront::ResponseHeadersPolicy'));
  const cors = policies.flatMap(({ Properties }) => Properties.ResponseHeadersPolicyConfig.CorsConfig ?? []);
  expect(cors.filter(({ AccessControlAllowCredentials: credentials }) => credentials)).toHaveLength(2);
  for (const { AccessControlAllowCredentials: credentials, AccessControlAllowOrigins: origins, ...rest } of cors) {
    expect(origins.Items).toEqual(credentials ? ['https://app.videopick.kr'] : ['*']);
    if (credentials) expect(rest.AccessControlAllowHeaders.Items).not.toContain('*'); // browsers take the star for a name here
  }
});

it('has neither LinkPick’s origin nor its paths when the environment has no such site', () => {
  const { Origins, CacheBehaviors } =
    Object.values(template.findResources('AWS::CloudFront::Distribution'))[0]?.Properties.DistributionConfig ?? {};
  expect(Origins.map(({ Id }: { Id: string }) => Id)).not.toContain('legacy');
  expect(CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern)).not.toContain('_next/*');
  const functions = Object.values(template.findResources('AWS::CloudFront::Function'));
  const router = functions.find(({ Properties }) => Properties.Name === 'videopick-dev-route-pages');
  expect(router?.Properties.FunctionCode).toContain('const LEGACY = null;');
  expect(router?.Properties.FunctionCode).toContain('const OLD_DOMAINS = ["www.linkpick.kr"];');
});
