import { UserError } from '../errors.ts';

/** The template asks API Gateway for something this stand-in does not do. Ignoring it would show an API that the cloud will not have. */
export class UnsupportedApiError extends UserError {
  override readonly name = 'UnsupportedApiError';

  constructor(what: string, advice: string) {
    super(`the HTTP API is not supported here: ${what}; ${advice}`);
  }
}
