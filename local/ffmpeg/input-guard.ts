/**
 * The demuxers an upload may reach, by ffmpeg's names. Playlists, concat scripts and image sequences are not among them: those can make
 * ffmpeg read other files of the same disk, which a protocol list does not prevent (measured; docs/parity.md, MediaConvert).
 */
export const ALLOWED_DEMUXERS = ['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'mpegts'] as const;

/** Options that must stand before `-i` for any file that came from outside, for ffmpeg and ffprobe alike. */
export const INPUT_GUARD = ['-protocol_whitelist', 'file,pipe', '-format_whitelist', ALLOWED_DEMUXERS.join(',')] as const;
