/** Width and height of a JPEG from its frame header (SOF), given its first bytes; undefined when they hold none. */
export function jpegSize(data: Uint8Array): { readonly widthPx: number; readonly heightPx: number } | undefined {
  if (data[0] !== 0xff || data[1] !== 0xd8) return undefined;
  const word = (at: number) => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
  let at = 2;
  while (at + 9 <= data.length && data[at] === 0xff) {
    const marker = data[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill bytes
      continue;
    }
    // SOF0 to SOF15, but for the three of that range that are tables: DHT, JPG, DAC.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { widthPx: word(at + 7), heightPx: word(at + 5) };
    }
    at += 2 + word(at + 2);
  }
  return undefined;
}
