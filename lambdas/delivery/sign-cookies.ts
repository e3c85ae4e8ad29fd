import { getSignedCookies } from '@aws-sdk/cloudfront-signer';

export interface SigningKey {
  readonly keyPairId: string;
  /** PEM. */
  readonly privateKey: string;
}

export interface CookieGrant {
  /** The host the viewer asks for media, with its port: the header `x-viewer-host` that the edge sets. */
  readonly host: string;
  /** Ends with a slash, such as `privatePrefix(videoUrl)`. Everything below may be read. */
  readonly pathPrefix: string;
  readonly expiresAt: Date;
}

export interface SignedCookie {
  readonly name: string;
  readonly value: string;
}

/** No wildcard in it: `*` and `?` in the resource would let the policy match more than is meant. */
const PLAIN_HOST = /^[A-Za-z0-9.-]+(:\d{1,5})?$/;
const PLAIN_PREFIX = /^\/[^*?#]+\/$/;

/**
 * CloudFront's three cookies that open one path until a time. Scheme and host are exact, and the only wildcard stands at the end: `*` matches
 * the query too, so a wildcard before the path would let `/other/file?x=<path>` pass.
 * @throws {RangeError} when host or prefix would be a pattern
 */
export function signCookies({ keyPairId, privateKey }: SigningKey, { host, pathPrefix, expiresAt }: CookieGrant): readonly SignedCookie[] {
  if (!PLAIN_HOST.test(host)) throw new RangeError(`${JSON.stringify(host)} is no host; expected a name or an address, and maybe a port`);
  if (!PLAIN_PREFIX.test(pathPrefix))
    throw new RangeError(`${JSON.stringify(pathPrefix)} is no path prefix; expected /<path>/ without wildcards`);
  const policy = {
    Statement: [
      {
        Resource: `https://${host}${pathPrefix}*`,
        Condition: { DateLessThan: { 'AWS:EpochTime': Math.floor(expiresAt.getTime() / 1000) } },
      },
    ],
  };
  const cookies = getSignedCookies({ keyPairId, privateKey, policy: JSON.stringify(policy), algorithm: 'SHA256' });
  return Object.entries(cookies).map(([name, value]) => ({ name, value: String(value) }));
}

/**
 * A `Set-Cookie` header's value: sent back below the prefix alone, so several videos can be open at once, and gone with the browser session.
 * `SameSite=None` lets pages of another site have it where the browser allows that.
 */
export function setCookie({ name, value }: SignedCookie, pathPrefix: string): string {
  return `${name}=${value}; Path=${pathPrefix}; Secure; HttpOnly; SameSite=None`;
}
