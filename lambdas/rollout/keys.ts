/** `SHOW_VIDEO_TAB` → `show_video_tab`: the key of a flag or an attribute in AppConfig's documents. */
export function keyOf(name: string): string {
  return name.toLowerCase();
}

/** `show_video_tab` → `SHOW_VIDEO_TAB`. */
export function nameOf(key: string): string {
  return key.toUpperCase();
}
