/** ffmpeg or ffprobe ended badly, or ended well and left no output. `stderr` holds the end of what it said. */
export class FfmpegError extends Error {
  override readonly name = 'FfmpegError';
  readonly stderr: string;

  constructor(message: string, { stderr = '', cause }: { stderr?: string; cause?: unknown } = {}) {
    super(stderr === '' ? message : `${message}: ${stderr}`, { cause });
    this.stderr = stderr;
  }
}

/** A run of ffmpeg outlasted its limit and was killed. */
export class FfmpegTimeoutError extends Error {
  override readonly name = 'FfmpegTimeoutError';

  constructor(timeLimitMs: number) {
    super(`ffmpeg was still running after ${timeLimitMs} ms and was stopped; the input is too long or too hard for this machine`);
  }
}
