/** What S3's client knows when it asks for an endpoint. Source: `EndpointParameters` of @aws-sdk/client-s3, those that apply here. */
interface Parameters {
  readonly Region?: string;
  readonly Bucket?: string;
  /** In place of AWS's own, such as AWS_ENDPOINT_URL. */
  readonly Endpoint?: string;
  readonly ForcePathStyle?: boolean;
  readonly UseFIPS?: boolean;
  readonly UseDualStack?: boolean;
  readonly Accelerate?: boolean;
}

/** As the SDK takes it from its own rules. */
interface Endpoint {
  readonly url: URL;
  readonly properties: { readonly authSchemes: readonly object[] };
  readonly headers: Record<string, string[]>;
}

/** Not the access points, directory buckets and Outposts, which end so or are ARNs, nor names with dots, which no certificate covers. */
const GENERAL_PURPOSE = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$(?<!--(x-s3|xa-s3|op-s3))/;
const IP_ADDRESS = /^(\d+\.){3}\d+$|^\[/;

/**
 * In place of the endpoint rules of S3's client in bundles. Of their 18 kB, general purpose buckets in the regions of `amazonaws.com` take this; the rest is
 * for access points, directory buckets, Outposts and acceleration, which are refused.
 */
export function defaultEndpointResolver(parameters: Parameters): Endpoint {
  const { Region: region = '', Bucket: bucket, Endpoint: endpoint, ForcePathStyle: forcePathStyle = false } = parameters;
  refuseOthers(parameters);
  const base = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  return {
    url: bucket === undefined ? base : bucketUrl(base, bucket, forcePathStyle),
    properties: { authSchemes: [sigv4(region)] },
    headers: {},
  };
}

/** S3 signs paths as they are. */
function sigv4(region: string) {
  return { disableDoubleEncoding: true, name: 'sigv4', signingName: 's3', signingRegion: region };
}

function bucketUrl(base: URL, bucket: string, forcePathStyle: boolean): URL {
  if (forcePathStyle || IP_ADDRESS.test(base.hostname)) return new URL(`${base.origin}${base.pathname.replace(/\/?$/, '/')}${bucket}`);
  return new URL(`${base.protocol}//${bucket}.${base.host}${base.pathname}`);
}

function refuseOthers({ Region: region, Bucket: bucket, UseFIPS, UseDualStack, Accelerate }: Parameters): void {
  const other = [
    ...(region === undefined ? ['no region'] : []),
    ...(region !== undefined && /^(cn|us-gov|us-iso\w*|eusc)-/.test(region) ? [`the region ${region}`] : []),
    ...(bucket !== undefined && !GENERAL_PURPOSE.test(bucket) ? [`the bucket ${bucket}`] : []),
    ...(UseFIPS ? ['FIPS'] : []),
    ...(UseDualStack ? ['dual-stack'] : []),
    ...(Accelerate ? ['acceleration'] : []),
  ];
  if (other.length > 0)
    throw new Error(
      `bundles speak to general purpose buckets in the regions of amazonaws.com, not with ${other.join(', ')} (lib/plain-bucket-endpoints.ts)`,
    );
}
