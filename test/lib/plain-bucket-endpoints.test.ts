import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { defaultEndpointResolver } from '../../lib/plain-bucket-endpoints.ts';

const { endpointProvider } = new S3Client({ region: 'ap-northeast-2' } satisfies S3ClientConfig).config;

const regions = ['ap-northeast-2', 'us-east-1', 'eu-central-1'];
const buckets = [undefined, 'videopick-dev-media', 'abc'];
const endpoints = [
  undefined,
  'http://127.0.0.1:4566',
  'http://127.0.0.1:4566/s3',
  'http://localhost:4566',
  'http://[::1]:4566',
  'https://s3.example.test/',
];

it.each(
  regions.flatMap((Region) =>
    buckets.flatMap((Bucket) =>
      endpoints.flatMap((Endpoint) => [false, true].map((ForcePathStyle) => ({ Region, Bucket, Endpoint, ForcePathStyle }))),
    ),
  ),
)('is where the SDK itself would go: $Region $Bucket $Endpoint, by path $ForcePathStyle', (given) => {
  const parameters = { ...given, UseFIPS: false, UseDualStack: false, Accelerate: false, UseGlobalEndpoint: false };
  const expected = endpointProvider(parameters);
  const { url, properties } = defaultEndpointResolver(parameters);
  expect(url.href).toBe(expected.url.href);
  expect(properties).toEqual(expected.properties);
});

it.each([
  ['no region', {}],
  ['the region cn-north-1', { Region: 'cn-north-1' }],
  ['the region us-gov-west-1', { Region: 'us-gov-west-1' }],
  ['the bucket arn:aws:s3:ap-northeast-2:123456789012:accesspoint/a', { Bucket: 'arn:aws:s3:ap-northeast-2:123456789012:accesspoint/a' }],
  ['the bucket media--apne2-az1--x-s3', { Bucket: 'media--apne2-az1--x-s3' }],
  ['the bucket with.dots', { Bucket: 'with.dots' }],
  ['FIPS', { UseFIPS: true }],
  ['dual-stack', { UseDualStack: true }],
  ['acceleration', { Accelerate: true }],
])('refuses %s by name', (name, parameters) => {
  const region = name === 'no region' ? {} : { Region: 'ap-northeast-2' };
  expect(() => defaultEndpointResolver({ ...region, ...parameters })).toThrow(`not with ${name} (`);
});
