import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startPolling } from '../../lambdas/operations/page/poll.ts';

/** A page that can be hidden. */
function testPage() {
  const target = new EventTarget();
  return Object.assign(target, {
    hidden: false,
    show(visible: boolean) {
      this.hidden = !visible;
      target.dispatchEvent(new Event('visibilitychange'));
    },
  });
}

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

function poll(read: () => Promise<string>) {
  const page = testPage();
  const states: string[] = [];
  const failures: unknown[] = [];
  const refresh = startPolling<string>({
    read,
    isMoving: (state) => state === 'moving',
    onState: (state) => states.push(state),
    onFailure: (error) => failures.push(error),
    page: page as unknown as Document,
  });
  return { page, states, failures, refresh };
}

it('asks every 2 s while something moves, every 10 s otherwise', async () => {
  let state = 'moving';
  const { states } = poll(async () => state);
  await vi.advanceTimersByTimeAsync(4_500);
  expect(states).toHaveLength(3);
  state = 'resting';
  await vi.advanceTimersByTimeAsync(2_000);
  expect(states).toHaveLength(4);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(states).toHaveLength(4);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(states).toHaveLength(5);
});

it('stops while the page is hidden and asks at once when it is seen again', async () => {
  const { page, states } = poll(async () => 'moving');
  await vi.advanceTimersByTimeAsync(100);
  page.show(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states).toHaveLength(1);
  page.show(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(states).toHaveLength(2);
});

it('goes on after a failure', async () => {
  const read = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('HTTP 503')).mockResolvedValue('resting');
  const { states, failures } = poll(read);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(failures).toEqual([new Error('HTTP 503')]);
  expect(states).toEqual(['resting']);
});

it('asks again right after the awaited answer when something was done meanwhile: that answer may be older', async () => {
  const read = vi.fn(() => new Promise<string>((resolve) => setTimeout(resolve, 3_000, 'resting')));
  const { refresh } = poll(read);
  await vi.advanceTimersByTimeAsync(1_000);
  refresh();
  refresh();
  expect(read).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(2_001);
  expect(read).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(3_000 + 9_000);
  expect(read).toHaveBeenCalledTimes(2);
});

it('never asks twice at once, and leaves a slow database four fifths of the time', async () => {
  const read = vi.fn(() => new Promise<string>((resolve) => setTimeout(resolve, 3_000, 'moving')));
  const { page } = poll(read);
  page.show(true);
  await vi.advanceTimersByTimeAsync(14_000);
  expect(read).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(read).toHaveBeenCalledTimes(2);
});
