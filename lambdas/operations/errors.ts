/** A request that is answered with its status and its message, and changes nothing. */
export class RefusedRequestError extends Error {
  override readonly name = 'RefusedRequestError';
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}
