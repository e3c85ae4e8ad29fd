import type { RolloutStarted } from '../rollout-start.ts';
import type { DryRunReport, RolloutExecution, RolloutStatus } from '../rollout-status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { bilingual, labelOf } from './labels.ts';
import { onOff, whoSees } from './rollout-flags-view.ts';
import { gateItems } from './rollout-gates-list.ts';
import { flagLabels, phaseLabels } from './rollout-labels.ts';
import { noticeCard } from './rollout-notice.ts';
import type { RolloutDependencies, RolloutNow } from './rollout-now-view.ts';
import { readJson, sendCommand } from './send-command.ts';

const ASK_AGAIN_MS = 700;
/** A database that was asleep takes half a minute to answer. */
const GIVE_UP_MS = 120_000;

interface Request {
  readonly phase: string;
  readonly percent: number;
  readonly testers?: readonly string[];
}

/** Starts a rollout: first its dry run, whose report is shown, then the rollout itself, once its phase was typed. */
export function rolloutStartView(
  { confirm, refresh }: RolloutDependencies,
  now: Pick<RolloutNow, 'follow'>,
): (status: RolloutStatus) => void {
  const part = {
    form: byId<HTMLFormElement>('rollout-form'),
    phase: byId<HTMLSelectElement>('rollout-phase'),
    percent: byId<HTMLInputElement>('rollout-percent'),
    testers: byId<HTMLInputElement>('rollout-testers'),
    dryRun: byId<HTMLButtonElement>('rollout-dry-run'),
    asking: byId('rollout-asking'),
    error: byId('rollout-start-error'),
    report: byId('rollout-report'),
    start: byId<HTMLButtonElement>('rollout-start'),
  };
  let offered = '';
  let running = false;
  /** What the report that is shown was made for. */
  let planned: { readonly request: Request; readonly report: DryRunReport } | undefined;

  function requested(): Request {
    const testers = part.testers.value.split(/[\s,]+/).filter((tester) => tester !== '');
    return { phase: part.phase.value, percent: part.percent.valueAsNumber, ...(testers.length > 0 && { testers }) };
  }

  function forget(): void {
    planned = undefined;
    part.report.hidden = true;
    part.error.hidden = true;
  }

  function fail(error: unknown): void {
    setText(part.error, `예행이 끝나지 못했습니다. The dry run came to no end: ${error instanceof Error ? error.message : String(error)}`);
    part.error.hidden = false;
  }

  function showReport(report: DryRunReport): void {
    byId('rollout-report-title').replaceChildren(
      bilingual({ ko: `예행 결과: ${report.phase} 단계, ${report.percent}%`, en: `Dry run of phase ${report.phase}, ${report.percent}%` }),
    );
    const verdict = byId('rollout-verdict');
    setAttribute(verdict, 'data-passed', String(report.passed));
    verdict.replaceChildren(
      report.refusal === null
        ? bilingual({ ko: '모든 관문이 열려 있습니다.', en: 'All gates are open.' })
        : `${report.refusal.Error}: ${report.refusal.Cause}`,
    );
    byId('rollout-report-gates').replaceChildren(...gateItems(report.gates));
    byId('rollout-changes').replaceChildren(...changeItems(report));
    byId('rollout-report-notice').replaceChildren(
      report.notice === null
        ? h('p', { class: 'muted' }, bilingual({ ko: '사용자가 보는 공지는 그대로입니다.', en: 'Users go on reading what they read.' }))
        : noticeCard(report.notice),
    );
    part.report.hidden = false;
    showStart();
    part.report.focus();
  }

  function showStart(): void {
    part.start.disabled = planned?.report.passed !== true || running;
  }

  part.form.addEventListener('input', forget);
  part.form.addEventListener('submit', async (event) => {
    event.preventDefault();
    forget();
    const request = requested();
    part.dryRun.disabled = true;
    part.asking.hidden = false;
    try {
      const report = await dryRun(request);
      if (JSON.stringify(requested()) !== JSON.stringify(request)) return; // changed meanwhile: it answers another question
      planned = { request, report };
      showReport(report);
    } catch (error) {
      fail(error);
    } finally {
      part.dryRun.disabled = false;
      part.asking.hidden = true;
    }
  });
  part.start.addEventListener('click', async () => {
    if (planned === undefined) return;
    const { request } = planned;
    let started: RolloutStarted | undefined;
    const done = await confirm({
      title: { ko: `${request.phase} 단계를 ${request.percent}%까지 열까요?`, en: `Open phase ${request.phase} to ${request.percent}%?` },
      text: {
        ko: '관문을 다시 확인한 뒤 플래그를 조금씩 배포합니다. 알람이 울리면 스스로 되돌립니다.',
        en: 'Checks the gates again, then deploys the flags step by step; an alarm turns it back by itself.',
      },
      action: { ko: '롤아웃 시작', en: 'Start the rollout' },
      typed: request.phase,
      run: async () => {
        started = await sendCommand<RolloutStarted>('/api/operations/rollout', { ...request, dryRun: false });
        return { ko: `${request.phase} 롤아웃을 시작했습니다.`, en: `The rollout of phase ${request.phase} has started.` };
      },
    });
    if (done === undefined || started === undefined) return;
    now.follow(started.execution, done);
    forget();
    refresh();
  });

  return (status) => {
    running = status.running !== null;
    showStart();
    const options = JSON.stringify(status.phases.map(({ id, state }) => [id, state]));
    if (options === offered) return;
    offered = options;
    const next = status.phases.find(({ state }) => state === 'next');
    part.phase.replaceChildren(
      ...status.phases.map(({ id, state }) =>
        h('option', { value: id, selected: id === next?.id }, `${id} · ${phaseLabels[state].ko} ${phaseLabels[state].en}`),
      ),
    );
    forget();
  };
}

/** @throws with the name of what refused it, or that it takes too long */
async function dryRun(request: Request): Promise<DryRunReport> {
  const { execution } = await sendCommand<RolloutStarted>('/api/operations/rollout', { ...request, dryRun: true });
  const giveUpAt = performance.now() + GIVE_UP_MS;
  for (;;) {
    const { status, report, error } = await readJson<RolloutExecution>(`/api/operations/rollout/execution?name=${execution}`);
    if (error !== null) throw new Error(`${error.name}: ${error.cause}`);
    if (report !== null) return report;
    if (status !== 'running') throw new Error(`${execution} ended without a report`);
    if (performance.now() > giveUpAt) throw new Error(`${execution} is still at work; look at it in Step Functions`);
    await new Promise((resume) => setTimeout(resume, ASK_AGAIN_MS));
  }
}

function changeItems({ changes }: DryRunReport): readonly HTMLElement[] {
  if (changes.length === 0) return [h('li', { class: 'muted' }, bilingual({ ko: '바뀌는 플래그가 없습니다.', en: 'No flag changes.' }))];
  return changes.map(({ flag, before, after }) => {
    const side = (state: typeof before) => {
      const [is, who] = [onOff(state.enabled), whoSees(state)];
      return state.enabled ? { ko: `${is.ko} · ${who.ko}`, en: `${is.en}, ${who.en}` } : is;
    };
    const [from, to] = [side(before), side(after)];
    return h(
      'li',
      { 'data-flag': flag },
      h('span', {}, bilingual(labelOf(flagLabels, flag)), ' ', h('code', {}, flag)),
      h('span', { class: 'change' }, bilingual({ ko: `${from.ko} → ${to.ko}`, en: `${from.en} → ${to.en}` })),
    );
  });
}
