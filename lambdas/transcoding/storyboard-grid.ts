import type { SourcePicture } from './ladder.ts';

/** Thumbnails on sheets, as MediaConvert's image-based trick play is told. */
export interface StoryboardGrid {
  readonly intervalSeconds: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly columns: number;
  readonly rows: number;
}

/** Thumbnails of a whole video, about: enough to find a scene, few enough for a handful of sheets. */
const THUMBNAILS = 100;
const LONG_SIDE_PX = 160;
const SHORT_SIDE_PX = 90;
const COLUMNS = 5;
const ROWS = 5;
/** A sheet may be no taller. Source: the API model, ThumbnailHeight. */
const MAX_SHEET_PX = 4_096;

/** A thumbnail in the picture's shape, 160×90 for a common one; widths divide by 8 and heights by 2, as the service demands. */
export function storyboardGrid(durationSeconds: number, { widthPx, heightPx }: SourcePicture): StoryboardGrid {
  const scale = Math.min(LONG_SIDE_PX / Math.max(widthPx, heightPx), SHORT_SIDE_PX / Math.min(widthPx, heightPx));
  const width = Math.max(8, Math.round((widthPx * scale) / 8) * 8);
  const height = Math.max(2, Math.round((heightPx * width) / widthPx / 2) * 2);
  return {
    intervalSeconds: Math.max(1, Math.ceil(durationSeconds / THUMBNAILS)),
    widthPx: width,
    heightPx: Math.min(height, Math.floor(MAX_SHEET_PX / ROWS / 2) * 2),
    columns: COLUMNS,
    rows: ROWS,
  };
}
