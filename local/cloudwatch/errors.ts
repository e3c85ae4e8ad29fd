import { AwsError } from '../gateway/aws-error.ts';

export function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFound', message, { status: 404 });
}

/** For what the stand-in does not do. @param what such as `GetMetricData` */
export function unsupported(what: string): AwsError {
  return new AwsError('NotImplemented', `CloudWatch's ${what} has no stand-in here (docs/parity.md)`, { status: 501 });
}
