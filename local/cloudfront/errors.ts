import { UserError } from '../errors.ts';

/** The template asks CloudFront for something this stand-in does not do. Ignoring it would show a delivery that the cloud will not have. */
export class UnsupportedDistributionError extends UserError {
  override readonly name = 'UnsupportedDistributionError';

  constructor(what: string, advice: string) {
    super(`the distribution is not supported here: ${what}; ${advice}`);
  }
}
