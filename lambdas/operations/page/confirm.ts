import { byId, setAttribute, setText } from './dom.ts';
import { bilingual, type Label } from './labels.ts';

export interface Question {
  readonly title: Label;
  readonly text: Label;
  /** What the button says that does it. */
  readonly action: Label;
  /** Whether it takes something away. */
  readonly danger?: boolean;
  /** Whether a reason may be given. */
  readonly asksReason?: boolean;
  /** What has to be typed before it can be done. @default nothing */
  readonly typed?: string;
  /** Does it, and gives what to say afterwards. What it throws is shown, and it can be tried again. */
  readonly run: (reason: string) => Promise<Label>;
}

/** Asks before something is done. Gives the result's words, undefined when it was dismissed. */
export function confirmDialog(): (question: Question) => Promise<Label | undefined> {
  const dialog = byId<HTMLDialogElement>('confirm');
  const reason = byId<HTMLTextAreaElement>('confirm-reason');
  const typed = byId<HTMLInputElement>('confirm-typed');
  const yes = byId<HTMLButtonElement>('confirm-yes');
  const no = byId<HTMLButtonElement>('confirm-no');
  const error = byId('confirm-error');
  no.addEventListener('click', () => dialog.close());
  // What has been sent is not taken back by looking away: its outcome is waited for and said.
  dialog.addEventListener('cancel', (event) => {
    if (no.disabled) event.preventDefault();
  });
  let expected: string | undefined;
  const isTyped = () => expected === undefined || typed.value.trim() === expected;
  typed.addEventListener('input', () => {
    yes.disabled = !isTyped();
  });
  typed.addEventListener('keydown', ({ key }) => {
    if (key === 'Enter') yes.click();
  });
  const setBusy = (busy: boolean) => {
    yes.disabled = busy || !isTyped();
    no.disabled = busy;
    setAttribute(dialog, 'aria-busy', busy);
  };

  return ({ title, text, action, danger = false, asksReason = false, typed: word, run }) =>
    new Promise((resolve) => {
      let result: Label | undefined;
      byId('confirm-title').replaceChildren(bilingual(title));
      byId('confirm-text').replaceChildren(bilingual(text));
      byId('confirm-reason-label').hidden = !asksReason;
      yes.replaceChildren(bilingual(action));
      setAttribute(yes, 'data-danger', danger);
      reason.value = '';
      typed.value = '';
      expected = word;
      byId('confirm-typed-label').hidden = word === undefined;
      setText(byId('confirm-typed-text'), word ?? '');
      error.hidden = true;
      setBusy(false);
      yes.onclick = async () => {
        setBusy(true);
        error.hidden = true;
        try {
          result = await run(reason.value.trim());
          dialog.close();
        } catch (cause) {
          setText(error, `처리하지 못했습니다. It was not done: ${cause instanceof Error ? cause.message : String(cause)}`);
          error.hidden = false;
        } finally {
          setBusy(false);
          if (dialog.open) yes.focus(); // a button that was disabled has lost it
        }
      };
      const closed = () => {
        // The event comes a moment after the dialog has closed, by when another question may have opened it: then it is not this one's.
        if (dialog.open) return;
        dialog.removeEventListener('close', closed);
        resolve(result);
      };
      dialog.addEventListener('close', closed);
      dialog.showModal();
    });
}
