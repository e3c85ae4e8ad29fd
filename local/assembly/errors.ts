import { UserError } from '../errors.ts';

/** The assembly has something the laptop stack cannot honour. Refused by name, never ignored. */
export class UnsupportedTemplateError extends UserError {
  override readonly name = 'UnsupportedTemplateError';
}
