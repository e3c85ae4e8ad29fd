import { AwsError } from '../gateway/aws-error.ts';

/** Both AppConfig APIs spell the member `Message`. */
function error(code: string, status: number, message: string, members: Readonly<Record<string, unknown>> = {}): AwsError {
  return new AwsError(code, message, { status, members: { Message: message, ...members } });
}

export function badRequest(message: string, members?: Readonly<Record<string, unknown>>): AwsError {
  return error('BadRequestException', 400, message, members);
}

export function conflict(message: string): AwsError {
  return error('ConflictException', 409, message);
}

/** `ResourceName` is the control plane's member, `ResourceType` the data plane's. */
export function notFound(type: string, identifier: string): AwsError {
  return error('ResourceNotFoundException', 404, `${type} ${identifier} could not be found.`, {
    ResourceName: identifier,
    ResourceType: type,
  });
}

export function tooLarge(sizeBytes: number, limitBytes: number): AwsError {
  const kilobytes = (bytes: number) => Math.ceil(bytes / 1024);
  return error('PayloadTooLargeException', 413, `The configuration has ${sizeBytes} bytes; expected at most ${limitBytes}.`, {
    Measure: 'KILOBYTES',
    Limit: kilobytes(limitBytes),
    Size: kilobytes(sizeBytes),
  });
}

/** For what the stand-in does not do. @param what such as `CreateApplication` */
export function unsupported(what: string): AwsError {
  return error('NotImplementedException', 501, `${what} has no stand-in here (docs/parity.md)`);
}
