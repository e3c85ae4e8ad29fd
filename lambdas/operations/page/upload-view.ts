import type { Status } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatBytes, formatSpan } from './format.ts';
import { bilingual, type Label } from './labels.ts';
import { abortUpload, openUpload, readUpload, UploadRefusedError, type UploadTarget } from './upload-client.ts';
import { fingerprintOf } from './upload-digest.ts';
import { forgetUpload, type RememberedUpload, recallUpload, rememberUpload } from './upload-memory.ts';
import { type TransferProgress, transfer } from './upload-transfer.ts';
import { hrefOf, stateOf } from './video-facts.ts';

type State = 'idle' | 'sending' | 'paused' | 'promoting' | 'done';

const STATES = {
  idle: { ko: '', en: '' },
  sending: { ko: '올리는 중', en: 'Uploading' },
  paused: { ko: '일시 중지됨', en: 'Paused' },
  promoting: { ko: '확인하는 중', en: 'Checking' },
  done: { ko: '업로드 완료', en: 'Uploaded' },
} as const satisfies Record<State, Label>;

/** Why a transfer was stopped, told apart from what breaks it. */
const STOPPED = 'stopped by the uploader';

/** Uploads one file at a time: chosen, sent, paused, resumed, also after the page was closed. */
export function uploadView({ refresh }: { readonly refresh: () => void }): (status: Status) => void {
  const form = byId<HTMLFormElement>('upload-form');
  const parts = {
    file: byId<HTMLInputElement>('upload-file'),
    video: byId<HTMLInputElement>('upload-video'),
    channel: byId<HTMLInputElement>('upload-channel'),
    title: byId<HTMLInputElement>('upload-name'),
    pause: byId<HTMLButtonElement>('upload-pause'),
    resume: byId<HTMLButtonElement>('upload-resume'),
    cancel: byId<HTMLButtonElement>('upload-cancel'),
    left: byId('upload-left'),
    progress: byId('upload-progress'),
    bar: byId('upload-bar'),
    fill: byId('upload-fill'),
    state: byId('upload-state'),
    rate: byId('upload-rate'),
    processing: byId('upload-processing'),
    error: byId('upload-error'),
  };
  let remembered = recallUpload();
  let file: File | undefined;
  let stop = new AbortController();
  let latest: Status | undefined;
  let uploadedVideoId: string | undefined;

  function show(state: State): void {
    const isNew = form.elements.namedItem('upload-target') instanceof RadioNodeList && targetKind() === 'new';
    const hasFile = file !== undefined;
    form.hidden = state !== 'idle' && state !== 'done';
    byId('upload-target').hidden = remembered !== undefined;
    byId('upload-video-label').hidden = isNew || remembered !== undefined;
    for (const id of ['upload-channel-label', 'upload-name-label']) byId(id).hidden = !isNew || remembered !== undefined;
    parts.left.hidden = remembered === undefined || state !== 'idle';
    if (remembered !== undefined) parts.left.replaceChildren(bilingual(leftWords(remembered)));
    parts.progress.hidden = state === 'idle';
    parts.pause.hidden = state !== 'sending';
    parts.resume.hidden = state !== 'paused' || !hasFile;
    parts.cancel.hidden = remembered === undefined || state === 'promoting';
    if (parts.state.dataset.state !== state) {
      parts.state.replaceChildren(bilingual(STATES[state]));
      parts.state.dataset.state = state;
    }
    if (state !== 'sending') setText(parts.rate, '');
  }

  function targetKind(): string {
    return (form.elements.namedItem('upload-target') as RadioNodeList).value;
  }

  function target(): UploadTarget {
    if (targetKind() === 'new') return { channelId: parts.channel.value.trim(), title: parts.title.value.trim() };
    return { videoId: parts.video.value.trim() };
  }

  function fail(error: unknown): void {
    const label =
      error instanceof UploadRefusedError ? error.label : { ko: '업로드가 중단되었습니다.', en: `The upload broke off: ${String(error)}` };
    parts.error.replaceChildren(bilingual(label));
    parts.error.hidden = false;
  }

  async function start(chosen: File): Promise<void> {
    parts.error.hidden = true;
    uploadedVideoId = undefined;
    parts.processing.replaceChildren();
    const fingerprint = await fingerprintOf(chosen);
    if (remembered === undefined) {
      const { id } = await openUpload(chosen, target());
      remembered = { id, fileName: chosen.name, sizeBytes: chosen.size, fingerprint };
      rememberUpload(remembered);
    } else if (remembered.fileName !== chosen.name || remembered.sizeBytes !== chosen.size || remembered.fingerprint !== fingerprint) {
      throw new UploadRefusedError(0, {
        ko: `같은 파일이 아닙니다. ${remembered.fileName} 파일을 고르거나 업로드를 취소하세요.`,
        en: `This is another file. Choose ${remembered.fileName}, or cancel the upload.`,
      });
    }
    file = chosen;
    await send(chosen, remembered);
  }

  async function send(chosen: File, { id }: RememberedUpload): Promise<void> {
    parts.error.hidden = true;
    stop = new AbortController();
    const startedAt = performance.now();
    show('sending');
    parts.pause.focus();
    try {
      const { videoId } = await transfer(chosen, id, (progress) => showProgress(progress, chosen.size, startedAt), stop.signal);
      end();
      uploadedVideoId = videoId;
      show('done');
      showProcessing();
      refresh();
    } catch (error) {
      if (stop.signal.aborted) return;
      // Refused for good: there is nothing to go on with.
      if (error instanceof UploadRefusedError && error.status === 409) end();
      show(remembered === undefined ? 'idle' : 'paused');
      fail(error);
    }
  }

  function showProgress({ doneBytes, sentBytes, phase }: TransferProgress, total: number, startedAt: number): void {
    if (stop.signal.aborted) return;
    const percent = Math.floor((doneBytes / total) * 100);
    setAttribute(parts.bar, 'aria-valuenow', percent);
    parts.fill.style.width = `${percent}%`;
    if (phase === 'promoting') {
      show('promoting');
      return;
    }
    const bytesPerSecond = sentBytes / Math.max(0.001, (performance.now() - startedAt) / 1000);
    const left = bytesPerSecond > 0 ? formatSpan((total - doneBytes) / bytesPerSecond) : undefined;
    const facts = [`${percent}%`, `${formatBytes(doneBytes)} / ${formatBytes(total)}`];
    if (left !== undefined) facts.push(`${formatBytes(bytesPerSecond)}/s`, `남은 시간 ${left.ko} (${left.en} left)`);
    setText(parts.rate, facts.join(' · '));
  }

  /** What became of it, from the status the page polls. */
  function showProcessing(): void {
    if (uploadedVideoId === undefined) return;
    const video = latest?.videos.find(({ videoId }) => videoId === uploadedVideoId);
    const label = video === undefined ? { ko: '처리를 기다리는 중', en: 'Waiting to be processed' } : stateOf(video);
    const state = h('span', { class: 'badge', 'data-state': video?.status }, bilingual(label));
    const text = JSON.stringify([video?.id, label]);
    if (parts.processing.dataset.shown === text) return;
    parts.processing.dataset.shown = text;
    parts.processing.replaceChildren(video === undefined ? state : h('a', { href: hrefOf(video) }, state));
  }

  function end(): void {
    forgetUpload();
    remembered = undefined;
    file = undefined;
    parts.file.value = '';
  }

  form.addEventListener('change', () => show('idle'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const chosen = parts.file.files?.[0];
    if (chosen !== undefined) start(chosen).catch(fail);
  });
  parts.pause.addEventListener('click', () => {
    stop.abort(STOPPED);
    show('paused');
    parts.resume.focus();
  });
  parts.resume.addEventListener('click', () => {
    if (file !== undefined && remembered !== undefined) void send(file, remembered);
  });
  parts.cancel.addEventListener('click', async () => {
    stop.abort(STOPPED);
    try {
      if (remembered !== undefined) await abortUpload(remembered.id);
    } catch (error) {
      // Gone already is as good.
      if (!(error instanceof UploadRefusedError) || (error.status !== 404 && error.status !== 409)) {
        show(file === undefined ? 'idle' : 'paused');
        fail(error);
        return;
      }
    }
    end();
    parts.error.hidden = true;
    show('idle');
    parts.file.focus();
  });

  show('idle');
  if (remembered !== undefined) void dropIfEnded(remembered.id);
  /** A session that ended elsewhere is not offered. */
  async function dropIfEnded(id: string): Promise<void> {
    try {
      const { status } = await readUpload(id);
      if (status === 'open' || status === 'promoting') return;
    } catch (error) {
      if (!(error instanceof UploadRefusedError) || error.status >= 500) return;
    }
    end();
    show('idle');
  }
  return (status) => {
    latest = status;
    showProcessing();
  };
}

function leftWords({ fileName, sizeBytes }: RememberedUpload): Label {
  const size = formatBytes(sizeBytes);
  return {
    ko: `${fileName} (${size}) 업로드가 남아 있습니다. 같은 파일을 고르면 이어서 올립니다.`,
    en: `The upload of ${fileName} is unfinished. Choose the same file to go on.`,
  };
}
