import { availableParallelism } from 'node:os';

/** What a program may write into one file when its caller does not say: more than any sheet, poster or probe of ours. */
export const MAX_FILE_BYTES = 64 * 1024 ** 2;

/** Four rungs of 1080p take 2.5 GiB of address space on two cores; encoders add threads with cores, and each thread a stack. */
const BASE_MEMORY_BYTES = 8 * 1024 ** 3;
const MEMORY_BYTES_PER_CORE = 256 * 1024 ** 2;

/**
 * The command, run under limits that the kernel keeps: address space, the size of one file, no core dumps. The shell sets them and becomes the program
 * (`exec`), so that its process id, signals and exit code are the program's. macOS has no limit of address space and goes on without one; Windows has none of
 * them: there time, output size as it is watched, and ffmpeg's own `-max_alloc` remain.
 */
export function limited([file = '', ...args]: readonly string[], maxFileBytes: number): { file: string; args: string[] } {
  if (process.platform === 'win32') return { file, args };
  const memoryKib = Math.floor((BASE_MEMORY_BYTES + availableParallelism() * MEMORY_BYTES_PER_CORE) / 1024);
  const fileBlocks = Math.ceil(maxFileBytes / 512);
  const memory = process.platform === 'darwin' ? '' : `ulimit -v ${memoryKib} && `;
  return { file: '/bin/sh', args: ['-c', `${memory}ulimit -f ${fileBlocks} && ulimit -c 0 && exec "$0" "$@"`, file, ...args] };
}
