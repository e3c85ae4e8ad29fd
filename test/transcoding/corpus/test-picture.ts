/** Colours of the quarters of the picture, upright: by them anyone can see whether it is turned, mirrored, cropped or black. */
export const QUARTERS = { topLeft: [255, 0, 0], topRight: [0, 255, 0], bottomLeft: [0, 0, 255], bottomRight: [255, 255, 0] } as const;

export interface TestPicture {
  readonly width: number;
  readonly height: number;
  /** As ffmpeg writes rates. */
  readonly rate: string;
  readonly seconds: number;
}

/** A filter graph of four coloured quarters with a moving picture in their middle. Its output has no label. */
export function testPicture({ width, height, rate, seconds }: TestPicture): string {
  const quarter = (x: string, y: string, colour: string) => `drawbox=x=${x}:y=${y}:w=iw/2:h=ih/2:color=${colour}:t=fill`;
  const middle = { width: even(width / 2), height: even(height / 2) };
  return [
    `color=c=0xFFFF00:size=${width}x${height}:rate=${rate}:duration=${seconds},format=rgb24,${quarter('0', '0', '0xFF0000')},${quarter('iw/2', '0', '0x00FF00')},${quarter('0', 'ih/2', '0x0000FF')}[quarters]`,
    `testsrc2=size=${middle.width}x${middle.height}:rate=${rate}:duration=${seconds}[middle]`,
    `[quarters][middle]overlay=x=${Math.round(width / 4)}:y=${Math.round(height / 4)}:format=rgb`,
  ].join(';');
}

/** A tone that is loud enough to be found again. */
export function testTone(seconds: number): string {
  return `sine=frequency=440:sample_rate=48000:duration=${seconds}`;
}

function even(value: number): number {
  return Math.max(2, Math.floor(value / 2) * 2);
}
