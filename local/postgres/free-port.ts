import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { PortTakenError } from '../errors.ts';

/** The port itself when it is free on 127.0.0.1; for 0, one that is free now. @throws {PortTakenError} */
export async function reservePort(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(cause.code === 'EADDRINUSE' || cause.code === 'EACCES' ? new PortTakenError('--database-port', port, { cause }) : cause),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const chosen = (server.address() as AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
  return chosen;
}
