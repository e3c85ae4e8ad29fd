import type { Status } from '../status.ts';
import { confirmDialog } from './confirm.ts';
import { connectionView } from './connection-view.ts';
import { movementView } from './movement-view.ts';
import { playerView } from './player-view.ts';
import { startPolling } from './poll.ts';
import { progressView } from './progress-view.ts';
import { quarantineView } from './quarantine-view.ts';
import { rolloutView } from './rollout-view.ts';
import { runsView } from './runs-view.ts';
import { readJson } from './send-command.ts';
import { settingsView } from './settings-view.ts';
import { tabsView } from './tabs-view.ts';
import { uploadView } from './upload-view.ts';
import { verificationView } from './verification-view.ts';
import { isAtWork } from './video-facts.ts';
import { videosView } from './videos-view.ts';

const connection = connectionView();
const confirm = confirmDialog();
const tabs = tabsView();
const shared = { confirm, refresh: () => refresh() };
const views = [
  movementView(shared),
  progressView(),
  quarantineView(shared),
  verificationView(shared),
  uploadView(shared),
  videosView(),
  runsView(),
  settingsView(),
  playerView(),
];

rolloutView({ confirm, tabs });

const refresh = startPolling<Status>({
  read: () => readJson<Status>('/api/status'),
  isMoving: ({ runs, videos }) => runs.some(({ status }) => status === 'running') || videos.some(isAtWork),
  onState(status) {
    connection.live(status.now);
    for (const update of views) update(status);
    document.documentElement.dataset.ready = '';
  },
  onFailure: (error) => connection.lost(error),
  page: document,
});
