import { beforeEach, describe, expect, it } from 'vitest';
import type { RolloutView } from '../../../lambdas/rollout/api/read-rollout.ts';
import { NOTICES } from '../../../lambdas/rollout/notices.ts';
import { type ApiService, openUpTo, startApiService } from './api-service.ts';

let service: ApiService;
beforeEach(() => {
  service = startApiService({ query: () => Promise.reject(new Error('the rollout asks no database')) });
});
const rollout = async (query = '') => (await service.get<RolloutView>(`/api/rollout${query}`)).body;

describe('the rollout of a user', () => {
  it('is closed, without phase and notice, before anything was deployed; switches have their defaults', async () => {
    const view = await rollout('?user=u1');
    expect(view).toMatchObject({ user: 'u1', phase: null, notice: null });
    expect(Object.entries(view.flags).flatMap(([name, { enabled }]) => (enabled ? name : []))).toEqual([
      'VIDEO_PROCESSING_ENABLED',
      'VIDEO_ANALYTICS_ENABLED',
    ]);
    expect(view.flags.VIDEO_PROCESSING_ENABLED).toMatchObject({ MAX_VIDEO_SIZE_MB: 10_240, HLS_SEGMENT_DURATION: 6 });
  });

  it('names the phase, the flags with their attributes, and the notice in both languages', async () => {
    service.flags = openUpTo('4.4');
    service.notices = { notice: NOTICES.beta };
    expect(await rollout('?user=u1')).toMatchObject({
      phase: '4.4',
      flags: { SHOW_VIDEO_TAB: { enabled: true }, ENABLE_MONETIZATION: { enabled: true, MIN_MONETIZATION_SUBSCRIBERS: 1_000 } },
      notice: {
        id: 'beta',
        title: { ko: '동영상 기능이 베타 오픈되었습니다', en: 'Videos are open in beta' },
        callToAction: { ko: '채널 만들기' },
      },
    });
  });

  it('opens to testers at 0 per cent, and to nobody in particular at 100 only', async () => {
    service.flags = openUpTo('4.1', 0, ['tester']);
    expect((await rollout('?user=tester')).flags.SHOW_VIDEO_TAB.enabled).toBe(true);
    expect((await rollout('?user=other')).flags.SHOW_VIDEO_TAB.enabled).toBe(false);
    service.flags = openUpTo('4.1', 99);
    expect(await rollout()).toMatchObject({ user: null, flags: { SHOW_VIDEO_TAB: { enabled: false } } });
    service.flags = openUpTo('4.1', 100);
    expect((await rollout()).flags.SHOW_VIDEO_TAB.enabled).toBe(true);
  });

  it('is the same for 10,000 users whenever they ask, only ever opens as the percentage grows, and is within 1 % of it', async () => {
    const users = Array.from({ length: 10_000 }, (_, index) => `synthetic-${index}`);
    const exposed = async (percent: number) => {
      service.flags = openUpTo('4.1', percent);
      const seen = new Set<string>();
      for (const user of users) if ((await rollout(`?user=${user}`)).flags.SHOW_VIDEO_TAB.enabled) seen.add(user);
      return seen;
    };
    let before = new Set<string>();
    for (const percent of [0, 5, 30, 100]) {
      const now = await exposed(percent);
      expect(Math.abs(now.size - percent * 100), `${percent} %`).toBeLessThanOrEqual(100);
      expect([...before].filter((user) => !now.has(user))).toEqual([]);
      before = now;
    }
    expect(await exposed(30)).toEqual(await exposed(30));
  }, 60_000);
});

describe('a request', () => {
  it.each(['', 'a%20b', 'a,b', '%EC%82%AC', 'a/b', "x'--", 'u'.repeat(129)])('with the user id "%s" is refused by name', async (id) => {
    const answer = await service.get(`/api/rollout?user=${id}`);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'INVALID_USER']);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('with two user ids is refused', async () => {
    expect((await service.get('/api/rollout?user=a&user=b')).status).toBe(400);
  });

  it('with any id of the right shape is answered, known or not: 1 to 128 characters', async () => {
    for (const id of ['x', 'u'.repeat(128), 'cmb1xk2yz0000abcdefghijkl', 'a.b_c:d-e'])
      expect((await service.get(`/api/rollout?user=${id}`)).status).toBe(200);
  });

  it('of a user is kept by the user’s browser alone, one of nobody in particular by anybody, for seconds', async () => {
    expect((await service.get('/api/rollout?user=u1')).headers['cache-control']).toBe('private, max-age=5');
    expect((await service.get('/api/rollout')).headers['cache-control']).toBe('public, max-age=5');
  });
});
