export interface Cue {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly uri: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The cues of a storyboard in WebVTT, in Mux's form: each a rectangle of a sheet. */
export function readCues(vtt: string): readonly Cue[] {
  if (!vtt.startsWith('WEBVTT')) throw new Error(`a storyboard begins with ${JSON.stringify(vtt.slice(0, 20))}; expected WEBVTT`);
  return [...vtt.matchAll(/^(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm)].map(([, start = '', end = '', uri = '', ...box]) => {
    const [x = 0, y = 0, width = 0, height = 0] = box.map(Number);
    return { startSeconds: secondsOf(start), endSeconds: secondsOf(end), uri, x, y, width, height };
  });
}

/** `00:01:02.345`, hours optional. */
function secondsOf(time: string): number {
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
