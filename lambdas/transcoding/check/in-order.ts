/** Runs at most `limit` at once and yields the results in the items' order. Items are taken only when there is room. */
export async function* inOrder<Item, Result>(
  items: Iterable<Item>,
  limit: number,
  run: (item: Item) => Promise<Result>,
): AsyncGenerator<{ readonly item: Item; readonly result: Result }> {
  const running: { readonly item: Item; readonly result: Promise<Result> }[] = [];
  const source = items[Symbol.iterator]();
  const fill = (): void => {
    while (running.length < limit) {
      const next = source.next();
      if (next.done) return;
      const result = run(next.value);
      // Whoever awaits it hears of it; until then it is no unhandled rejection.
      result.catch(() => undefined);
      running.push({ item: next.value, result });
    }
  };
  for (;;) {
    fill();
    const first = running.shift();
    if (first === undefined) return;
    yield { item: first.item, result: await first.result };
  }
}
