export interface SettingsInput {
  readonly port: number;
  readonly durable: boolean;
}

/** Server settings as command-line parameters: they hold for a directory of an earlier run too. */
export function postgresParameters({ port, durable }: SettingsInput): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '256MB',
    work_mem: '32MB',
    maintenance_work_mem: '128MB',
    max_wal_size: '2GB',
    // A large batch's log waits in memory for its commit: with less, ranges copied side by side write it out in turns.
    wal_buffers: '64MB',
    // No replica ever follows this server, so the log need not carry what only a replica wants.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_logical_replication_workers: '0',
    // Containers give 64 MB of /dev/shm, which parallel plans exhaust ("could not resize shared memory segment").
    max_parallel_workers_per_gather: '0',
    max_parallel_maintenance_workers: '0',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    datestyle: 'ISO, MDY',
    lc_messages: 'C',
    // A statement's error belongs to who sent it. LOG is above ERROR in this scale.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    ...(durable ? { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' } : {}),
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
