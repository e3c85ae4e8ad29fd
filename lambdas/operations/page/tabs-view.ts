import { byId, setAttribute } from './dom.ts';

const TABS = ['migration', 'videos', 'rollout'] as const;
export type TabName = (typeof TABS)[number];

export interface Tabs {
  readonly current: () => TabName;
  /** Called after another tab was chosen. */
  readonly onChange: (listener: () => void) => void;
}

/** The tab that the address names: `#/rollout`; of a video's deep link, that of videos. Undefined: it names none. */
export function tabOf(hash: string): TabName | undefined {
  const name = /^#\/([a-z]+)(?:\/|$)/.exec(hash)?.[1];
  return TABS.find((tab) => tab === name);
}

/** The page's views, one at a time, as the address says. An address that names none leaves the view as it is. */
export function tabsView(): Tabs {
  const listeners: (() => void)[] = [];
  let current: TabName = TABS[0];

  function show(): void {
    const wanted = tabOf(location.hash) ?? current;
    for (const tab of TABS) {
      const button = byId(`tab-${tab}`);
      setAttribute(button, 'aria-selected', String(tab === wanted));
      setAttribute(button, 'tabindex', tab === wanted ? 0 : -1);
      byId(`view-${tab}`).hidden = tab !== wanted;
    }
    if (wanted === current) return;
    current = wanted;
    for (const listener of listeners) listener();
  }

  function choose(tab: TabName): void {
    if (tabOf(location.hash) !== tab) location.hash = `#/${tab}`;
  }

  for (const tab of TABS) byId(`tab-${tab}`).addEventListener('click', () => choose(tab));
  byId('tabs').addEventListener('keydown', (event) => {
    const next = { ArrowRight: 1, ArrowLeft: -1, Home: -TABS.indexOf(current), End: TABS.length - 1 - TABS.indexOf(current) }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const tab = TABS[(TABS.indexOf(current) + next + TABS.length) % TABS.length] ?? current;
    choose(tab);
    byId(`tab-${tab}`).focus();
  });
  addEventListener('hashchange', show);
  show();
  return { current: () => current, onChange: (listener) => void listeners.push(listener) };
}
