import type { Random } from './random.ts';

const BASE_36 = [...'0123456789abcdefghijklmnopqrstuvwxyz'];

/** Makes ids shaped like cuid's first version: `c`, 8 characters of time, 4 of a counter, 12 of host and chance; so roughly ordered by time. */
export class Identity {
  readonly #random: Random;
  #counter = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  at(timeMs: number): string {
    const counter = (this.#counter++ % 36 ** 4).toString(36).padStart(4, '0');
    let id = `c${timeMs.toString(36).padStart(8, '0').slice(-8)}${counter}vp0s`;
    while (id.length < 25) id += this.#random.pick(BASE_36);
    return id;
  }
}
