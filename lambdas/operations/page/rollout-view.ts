import type { RolloutStatus } from '../rollout-status.ts';
import { byId, setText } from './dom.ts';
import { startPolling } from './poll.ts';
import { flagsView } from './rollout-flags-view.ts';
import { rolloutHistoryView } from './rollout-history-view.ts';
import { noNotice, noticeCard } from './rollout-notice.ts';
import { type RolloutDependencies, rolloutNowView } from './rollout-now-view.ts';
import { phasesView } from './rollout-phases-view.ts';
import { rolloutStartView } from './rollout-start-view.ts';
import { readJson } from './send-command.ts';
import type { Tabs } from './tabs-view.ts';

/** The tab of the rollout. It asks for its status only while it is shown: nobody is asked about what nobody looks at. */
export function rolloutView({ confirm, tabs }: Pick<RolloutDependencies, 'confirm'> & { readonly tabs: Tabs }): void {
  let ask: (() => void) | undefined;
  const shared = { confirm, refresh: () => ask?.() };
  const now = rolloutNowView(shared);
  const views = [phasesView(), now.update, rolloutStartView(shared, now), noticeView(), flagsView(), rolloutHistoryView()];
  const lost = byId('rollout-lost');
  const isShown = () => tabs.current() === 'rollout';

  function begin(): void {
    if (ask !== undefined || !isShown()) return;
    ask = startPolling<RolloutStatus>({
      read: () => readJson<RolloutStatus>('/api/operations/rollout'),
      isMoving: ({ running, deployment }) => running !== null || deployment !== null || now.isFollowing(),
      onState(status) {
        lost.hidden = true;
        for (const update of views) update(status);
      },
      onFailure(error) {
        setText(
          lost,
          `롤아웃 상태를 가져오지 못했습니다. 계속 다시 시도합니다. The rollout’s status cannot be read; trying again: ${error instanceof Error ? error.message : String(error)}`,
        );
        lost.hidden = false;
      },
      page: {
        get hidden() {
          return document.hidden || !isShown();
        },
        addEventListener(type, listener) {
          document.addEventListener(type, listener);
          tabs.onChange(listener);
        },
      },
    });
  }

  tabs.onChange(begin);
  begin();
}

function noticeView(): (status: RolloutStatus) => void {
  const box = byId('notice');
  return ({ notice }) => {
    const text = JSON.stringify(notice);
    if (box.dataset.of === text) return;
    box.dataset.of = text;
    box.replaceChildren(notice === null ? noNotice() : noticeCard(notice));
  };
}
