import { h } from './dom.ts';

/**
 * Plays a few silent seconds over a card's poster while the card is pointed at or has the keyboard's focus; not for readers who prefer reduced
 * motion. Loads nothing before. Gives the function that says which clip.
 */
export function previewClip(card: HTMLElement, frame: HTMLElement): (url: string | null) => void {
  const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  let url: string | null = null;
  let clip: HTMLVideoElement | undefined;

  function start(): void {
    if (url === null || clip !== undefined || reducedMotion.matches) return;
    const started = h('video', { class: 'preview', src: url, loop: true, playsinline: true, 'aria-hidden': 'true', tabindex: -1 });
    // The attribute alone mutes an element of the parser only.
    started.muted = true;
    // Until then, and when it cannot be loaded, the poster stays.
    started.addEventListener('playing', () => started.setAttribute('data-playing', ''));
    clip = started;
    frame.append(started);
    started.play().catch(() => {});
  }

  function stop(): void {
    clip?.removeAttribute('src');
    clip?.load(); // lets go of the connection
    clip?.remove();
    clip = undefined;
  }

  card.addEventListener('pointerenter', ({ pointerType }) => {
    if (pointerType !== 'touch') start();
  });
  card.addEventListener('pointerleave', () => {
    if (!card.matches(':has(:focus-visible)')) stop();
  });
  card.addEventListener('focusin', ({ target }) => {
    if (target instanceof Element && target.matches(':focus-visible')) start();
  });
  card.addEventListener('focusout', () => {
    if (!card.matches(':hover')) stop();
  });
  card.addEventListener('click', stop); // the player opens
  reducedMotion.addEventListener('change', stop);
  return (next) => {
    if (next === url) return;
    stop();
    url = next;
  };
}
