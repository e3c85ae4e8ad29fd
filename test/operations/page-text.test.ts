import { describe, expect, it } from 'vitest';
import { formatBytes, formatClock, formatDateTime, formatPercent, formatSpan, formatTime } from '../../lambdas/operations/page/format.ts';
import { costOf, factsOf, hrefOf, isAtWork, lapseOf, linkedId, stateOf, titleOf } from '../../lambdas/operations/page/video-facts.ts';
import { UPLOAD_STATES } from '../../lambdas/operations/status.ts';
import { sampleVideo } from './sample-status.ts';

describe('numbers and times', () => {
  it('says 100 % only when nothing is left', () => {
    expect(formatPercent(999_999, 1_000_000)).toBe('99.9%');
    expect(formatPercent(1_000_000, 1_000_000)).toBe('100%');
    expect(formatPercent(0, 0)).toBe('100%');
  });

  it('shows spans in their two largest units', () => {
    expect(formatSpan(0)).toEqual({ ko: '0초', en: '0s' });
    expect(formatSpan(200)).toEqual({ ko: '3분 20초', en: '3m 20s' });
    expect(formatSpan(3600)).toEqual({ ko: '1시간', en: '1h' });
    expect(formatSpan(93_784)).toEqual({ ko: '1일 2시간', en: '1d 2h' });
  });

  it('shows the length of a recording as players do', () => {
    expect([4.004, 65, 3605].map(formatClock)).toEqual(['0:04', '1:05', '1:00:05']);
  });

  it('shows sizes in powers of ten', () => {
    expect([0, 999, 4_213_442, 5e9].map(formatBytes)).toEqual(['0 B', '999 B', '4.2 MB', '5 GB']);
  });

  it('shows times in Seoul, wherever the reader is', () => {
    expect(formatTime('2026-11-22T17:04:30.000Z')).toBe('02:04:30');
    expect(formatDateTime('2026-11-22T17:04:30.000Z')).toBe('11. 23. 02:04');
  });
});

describe('a video in words', () => {
  it('gives what is known of it', () => {
    expect(factsOf(sampleVideo({ durationSeconds: 12, resolution: '1280x720', fileSizeBytes: 4_213_442 }))).toBe(
      '0:12 · 1280×720 · 4.2 MB',
    );
    expect(factsOf(sampleVideo({}))).toBe('');
    expect(titleOf(sampleVideo({ title: null, videoId: '' }))).toBe('알 수 없는 업로드 Unknown upload');
  });

  it('says both when a new file failed but an older output plays', () => {
    expect(stateOf(sampleVideo({ status: 'failed', url: '/encoded/a/index.m3u8' }))).toEqual({
      ko: '재생 가능 · 새 파일 실패',
      en: 'Ready · new file failed',
    });
    expect(stateOf(sampleVideo({ status: 'failed' })).ko).toBe('실패');
  });

  it('has words in both languages for every state, with the percent while encoding', () => {
    for (const status of [...UPLOAD_STATES, null]) {
      const { ko, en } = stateOf(sampleVideo({ status }));
      expect(ko).toMatch(/[가-힣]/);
      expect(en).toMatch(/^[A-Z][a-z ]+$/);
    }
    expect(stateOf(sampleVideo({ status: 'encoding', progressPercent: 42 }))).toEqual({ ko: '변환 중 42%', en: 'Encoding' });
    expect(UPLOAD_STATES.filter((status) => isAtWork({ status }))).toEqual(['uploaded', 'inspecting', 'encoding', 'checking']);
  });

  it('names the upload that failed, and the one that plays instead', () => {
    const failed = sampleVideo({ status: 'failed', version: 'bbbbbbbbbbbb', uploadedAt: '2026-11-22T17:00:00.000Z' });
    expect(lapseOf(failed)).toEqual({ ko: '11. 23. 02:00 업로드 (bbbbbbbbbbbb)', en: 'Upload of 11. 23. 02:00' });
    expect(lapseOf({ ...failed, playing: { version: 'a', uploadedAt: '2026-11-21T17:00:00.000Z' } })).toEqual({
      ko: '11. 23. 02:00 업로드 (bbbbbbbbbbbb)는 반영되지 않았고, 11. 22. 02:00 업로드가 계속 재생됩니다.',
      en: 'Upload of 11. 23. 02:00 is not published; that of 11. 22. 02:00 still plays.',
    });
    expect(lapseOf(sampleVideo({ status: 'ready' }))).toBeUndefined();
  });

  it('says what an upload is expected to cost, and what it came to', () => {
    const estimate = { outputMinutes: 4.25, costUsd: 0.0625 };
    expect(costOf(sampleVideo({ estimate }))).toEqual({ ko: '출력 4.25분 · 예상 $0.0625', en: '4.25 output min · estimate $0.0625' });
    expect(costOf(sampleVideo({ estimate, actual: { outputMinutes: 3.5, costUsd: 0.05 } }))).toEqual({
      ko: '출력 3.5분 · 예상 $0.0625 · 실제 $0.05',
      en: '3.5 output min · estimate $0.0625 · actual $0.05',
    });
    expect(costOf(sampleVideo({}))).toBeUndefined();
  });

  it('reads back the deep links it makes, and no others', () => {
    expect(linkedId(hrefOf({ id: 'a/b #한글' }))).toBe('a/b #한글');
    for (const hash of ['', '#', '#/videos/', '#/videos/a/b', '#/videos/%', '#/runs/a']) expect(linkedId(hash)).toBeUndefined();
  });
});
