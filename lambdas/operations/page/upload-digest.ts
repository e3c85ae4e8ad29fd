const EDGE_BYTES = 1024 * 1024;

/** SHA-256 in base64. Web Crypto: https or loopback. */
export async function sha256Base64(bytes: BufferSource): Promise<string> {
  return base64Of(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** The checksum of the whole, as S3 writes it for an object of parts. */
export async function compositeOf(digests: readonly string[]): Promise<string> {
  const bytes = digests.flatMap((digest) => Array.from(atob(digest), (character) => character.charCodeAt(0)));
  return `${await sha256Base64(Uint8Array.from(bytes))}-${digests.length}`;
}

/** Tells a file from another of the same name and size, by its first and last megabyte; every part is compared when it is resumed. */
export async function fingerprintOf(file: Blob): Promise<string> {
  return sha256Base64(await new Blob([file.slice(0, EDGE_BYTES), file.slice(-EDGE_BYTES)]).arrayBuffer());
}

function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
