import type { RolloutExecution, RolloutStatus } from '../rollout-status.ts';
import type { RolloutStopped } from '../rollout-stop.ts';
import type { Question } from './confirm.ts';
import { byId, setAttribute, setText } from './dom.ts';
import { formatSpan } from './format.ts';
import { bilingual, type Label, labelOf, say } from './labels.ts';
import { deploymentLabels, entryLabels } from './rollout-labels.ts';
import { readJson, sendCommand } from './send-command.ts';

export interface RolloutDependencies {
  readonly confirm: (question: Question) => Promise<Label | undefined>;
  /** Asks for the rollout's status at once. */
  readonly refresh: () => void;
}

export interface RolloutNow {
  readonly update: (status: RolloutStatus) => void;
  /** Follows an execution that was started here until it has ended, and says how. */
  readonly follow: (execution: string, started: Label) => void;
  readonly isFollowing: () => boolean;
}

/** How far the platform is open, the rollout at work and the button that stops it, and how what was started here ended. */
export function rolloutNowView({ confirm, refresh }: RolloutDependencies): RolloutNow {
  const stop = byId<HTMLButtonElement>('rollout-stop');
  const result = byId('rollout-result');
  const refusal = byId('rollout-refusal');
  let running: RolloutStatus['running'] = null;
  let followed: string | undefined;

  stop.addEventListener('click', async () => {
    const seen = running;
    if (seen === null) return;
    const done = await confirm({
      ...stopQuestion(seen.phase),
      run: async (reason) => {
        const { execution } = await sendCommand<RolloutStopped>('/api/operations/rollout/stop', {
          execution: seen.execution,
          ...(reason !== '' && { reason }),
        });
        followed = execution;
        return { ko: '중지했습니다. 배포를 되돌리고 있습니다.', en: 'Stopped; its deployment is being taken back.' };
      },
    });
    if (done === undefined) return;
    say(result, done);
    refresh();
  });

  async function tellEnd(status: RolloutStatus): Promise<void> {
    if (followed === undefined) return;
    const entry = status.history.find(({ execution }) => execution === followed);
    if (entry !== undefined) {
      if (entry.status !== 'running') end(`${labelOf(entryLabels, entry.status).ko} ${labelOf(entryLabels, entry.status).en}`, entry);
      return;
    }
    // Not on record: it has just begun, or could not even begin.
    const { execution, status: state, error } = await readJson<RolloutExecution>(`/api/operations/rollout/execution?name=${followed}`);
    if (execution === followed && error !== null) end(state, { status: 'failed', phase: '', reason: `${error.name}: ${error.cause}` });
  }

  function end(words: string, { status, phase, reason }: { status: string; phase: string; reason: string | null }): void {
    followed = undefined;
    const isOpen = status === 'completed';
    say(result, isOpen ? { ko: `${phase} 단계가 열렸습니다.`, en: `Phase ${phase} is open.` } : null);
    refusal.hidden = isOpen;
    setText(refusal, isOpen ? '' : `${phase} ${words}: ${reason ?? ''}`.trim());
  }

  return {
    update(status) {
      running = status.running;
      stop.hidden = running === null;
      showProblem(status);
      showDeployment(status);
      const { state, title, detail } = describe(status);
      setAttribute(byId('rollout-now'), 'data-state', state);
      const text = JSON.stringify([title, detail]);
      const heading = byId('rollout-title');
      if (heading.dataset.of !== text) {
        heading.dataset.of = text;
        heading.replaceChildren(bilingual(title));
        say(byId('rollout-detail'), detail);
      }
      // What cannot be asked now is asked with the next status.
      tellEnd(status).catch(() => {});
    },
    follow(execution, started) {
      followed = execution;
      refusal.hidden = true;
      say(result, started);
    },
    isFollowing: () => followed !== undefined,
  };
}

function stopQuestion(phase: string): Omit<Question, 'run'> {
  return {
    title: { ko: `${phase} 롤아웃을 중지할까요?`, en: `Stop the rollout of phase ${phase}?` },
    text: {
      ko: '실행을 멈추고 진행 중인 배포를 되돌립니다. 플래그와 공지는 이 롤아웃 전으로 돌아갑니다.',
      en: 'Ends the execution and takes its deployment back: flags and notice are as before this rollout.',
    },
    action: { ko: '중지하고 되돌리기', en: 'Stop and roll back' },
    danger: true,
    asksReason: true,
  };
}

function showProblem({ problem }: RolloutStatus): void {
  byId('rollout-problem').hidden = problem === null;
  setText(byId('rollout-problem-text'), problem ?? '');
}

function showDeployment({ deployment }: RolloutStatus): void {
  const bar = byId('rollout-bar');
  bar.hidden = deployment === null;
  const percent = deployment?.percentComplete ?? 0;
  setAttribute(bar, 'aria-valuenow', percent);
  byId('rollout-fill').style.width = `${percent}%`;
}

function describe(status: RolloutStatus): { readonly state: string; readonly title: Label; readonly detail: Label | null } {
  const { running, deployment, current, phases } = status;
  const detail = deployment === null ? null : deploymentDetail(deployment);
  if (running !== null) {
    const { phase, percent } = running;
    return {
      state: 'moving',
      title: { ko: `${phase} 단계를 ${percent}%까지 열고 있습니다`, en: `Opening phase ${phase} to ${percent}%` },
      detail: detail ?? { ko: '관문을 확인하거나 기록하고 있습니다.', en: 'Checking gates, or recording.' },
    };
  }
  if (detail !== null)
    return { state: 'moving', title: { ko: 'AppConfig에 배포가 진행 중입니다', en: 'A deployment is under way at AppConfig' }, detail };
  if (phases.every(({ state }) => state === 'on'))
    return { state: 'done', title: { ko: '모든 단계가 열려 있습니다', en: 'All phases are open' }, detail: null };
  if (current === null) return { state: 'waiting', title: { ko: '아직 열린 단계가 없습니다', en: 'No phase is open yet' }, detail: null };
  return { state: 'waiting', title: { ko: `${current} 단계까지 열려 있습니다`, en: `Open up to phase ${current}` }, detail: null };
}

function deploymentDetail({ number, profile, state, percentComplete, bakeMinutes }: NonNullable<RolloutStatus['deployment']>): Label {
  const { ko, en } = labelOf(deploymentLabels, state);
  const bake = formatSpan(bakeMinutes * 60);
  return {
    ko: `배포 ${number} (${profile}): ${ko} · ${percentComplete}% · 지켜보는 시간 ${bake.ko}`,
    en: `deployment ${number}: ${en || state}, ${percentComplete}%, bake time ${bake.en}`,
  };
}
