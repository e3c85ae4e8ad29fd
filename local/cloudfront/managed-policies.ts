import { parseResponseHeadersPolicy, type ResponseHeadersPolicy } from './response-headers-policy.ts';

const ANY = { Items: ['*'] };
const SIMPLE_CORS = {
  AccessControlAllowOrigins: ANY,
  AccessControlAllowHeaders: { Items: [] },
  AccessControlAllowMethods: { Items: [] },
  OriginOverride: false,
};
const CORS_WITH_PREFLIGHT = {
  AccessControlAllowOrigins: ANY,
  AccessControlAllowHeaders: ANY,
  AccessControlAllowMethods: { Items: ['ALL'] },
  AccessControlExposeHeaders: ANY,
  OriginOverride: false,
};
const SECURITY_HEADERS = {
  ReferrerPolicy: { ReferrerPolicy: 'strict-origin-when-cross-origin', Override: false },
  StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: false },
  ContentTypeOptions: { Override: true },
  FrameOptions: { FrameOption: 'SAMEORIGIN', Override: false },
  XSSProtection: { Protection: true, ModeBlock: true, Override: false },
};

/** AWS's own response headers policies by id. Source: CloudFront, "Use managed response headers policies". */
export const MANAGED_RESPONSE_HEADERS_POLICIES: ReadonlyMap<string, ResponseHeadersPolicy> = new Map(
  Object.entries({
    '60669652-455b-4ae9-85a4-c4c02393f86c': { CorsConfig: SIMPLE_CORS },
    '5cc3b908-e619-4b99-88e5-2cf7f45965bd': { CorsConfig: CORS_WITH_PREFLIGHT },
    '67f7725c-6f97-4210-82d7-5512b31e9d03': { SecurityHeadersConfig: SECURITY_HEADERS },
    'e61eb60c-9c35-4d20-a928-2b84e02af89c': { CorsConfig: SIMPLE_CORS, SecurityHeadersConfig: SECURITY_HEADERS },
  }).map(([id, config]) => [id, parseResponseHeadersPolicy({ ResponseHeadersPolicyConfig: config })]),
);
