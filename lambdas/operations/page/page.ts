import type { Status } from '../status.ts';
import { connectionView } from './connection-view.ts';
import { playerView } from './player-view.ts';
import { startPolling } from './poll.ts';
import { progressView } from './progress-view.ts';
import { quarantineView } from './quarantine-view.ts';
import { runsView } from './runs-view.ts';
import { verificationView } from './verification-view.ts';
import { videosView } from './videos-view.ts';

/** Above the function's own limit of 30 s, so that its answer decides. */
const REQUEST_TIMEOUT_MS = 35_000;

const connection = connectionView();
const views = [progressView(), quarantineView(), verificationView(), videosView(), runsView(), playerView()];

startPolling<Status>({
  async read() {
    const response = await fetch('/api/status', { cache: 'no-store', signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return (await response.json()) as Status;
  },
  isMoving: ({ runs, videos }) =>
    runs.some(({ status }) => status === 'running') || videos.some(({ status }) => status === 'inspecting' || status === 'encoding'),
  onState(status) {
    connection.live(status.now);
    for (const update of views) update(status);
    document.documentElement.dataset.ready = '';
  },
  onFailure: (error) => connection.lost(error),
  page: document,
});
