/** The part of s3rver that the stand-in drives. The package ships no types; this follows its lib/ of version 5. */
declare module '@20minutes/s3rver' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export default class S3rver {
    constructor(options: { directory: string; silent: boolean; vhostBuckets: boolean; allowMismatchedSignatures: boolean });
    /** Read by its controllers, both from the app and from the request's context. */
    store: unknown;
    readonly context: { store: unknown; onerror: (this: { res: ServerResponse }, error: unknown) => void };
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  }
}
