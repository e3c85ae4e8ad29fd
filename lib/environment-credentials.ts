/**
 * In place of `@aws-sdk/credential-provider-node` in bundles: a Lambda's credentials are in its environment, so profiles, SSO and instance
 * metadata, and the clients they bring along, would be a third of every bundle for nothing.
 */
export function defaultProvider() {
  return async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
    if (!accessKeyId || !secretAccessKey)
      throw new Error(
        'the environment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; Lambda sets them, so does whoever runs a bundle',
      );
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
  };
}
