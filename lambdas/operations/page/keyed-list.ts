/** What shows one item: a node that stays, and how it takes on the item's next state. */
export interface Entry<Item> {
  readonly node: HTMLElement;
  readonly update: (item: Item) => void;
}

/** Keeps a parent's children in step with a list. Nodes stay with their key, so focus and transitions survive an update. */
export function keyedList<Item>(
  parent: Element,
  keyOf: (item: Item) => string,
  create: (item: Item) => Entry<Item>,
): (items: readonly Item[]) => void {
  const entries = new Map<string, Entry<Item>>();
  return (items) => {
    const keys = new Set(items.map(keyOf));
    for (const [key, entry] of entries) {
      if (keys.has(key)) continue;
      entry.node.remove();
      entries.delete(key);
    }
    for (const [index, item] of items.entries()) {
      const key = keyOf(item);
      const entry = entries.get(key) ?? create(item);
      entries.set(key, entry);
      entry.update(item);
      if (parent.children[index] !== entry.node) parent.insertBefore(entry.node, parent.children[index] ?? null);
    }
  };
}
