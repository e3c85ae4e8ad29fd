import { startPostgres } from '../../local/postgres/start-postgres.ts';

// Run as a process of its own by the tests: starts a cluster, says so, and waits to be killed.
const postgres = await startPostgres({ dataDir: process.argv[2] ?? '', port: Number(process.argv[3] ?? 0) });
process.stdout.write(`${postgres.port}\n`);
setInterval(() => {}, 60_000);
