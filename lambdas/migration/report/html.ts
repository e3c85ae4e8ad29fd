/** Markup that is safe as it stands. Only `html` makes it, so a value out of the database cannot pass for it. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

export type HtmlValue = Html | string | number | readonly Html[];

/** Markup with values: strings and numbers are escaped, for content and for quoted attributes; other markup goes in as it is. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.reduce((markup, string, index) => `${markup}${render(values[index - 1] ?? '')}${string}`));
}

export const nothing = html``;

/** Text cut to a length that keeps a page readable, with a mark where it was cut. */
export function clip(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(({ markup }) => markup).join('');
  return escapeText(String(value));
}

const REFERENCES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control characters are no HTML at all; a mark takes their place. */
function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => REFERENCES[character] ?? '').replaceAll(/[^\P{Cc}\t\n]|\p{Cs}/gu, '\u{FFFD}');
}
