/**
 * Items that wait, in groups that take turns: a group of many delays another one by a single item. Bounded as a whole and
 * per group.
 */
export class FairQueue<T> {
  /** The group whose turn it is comes first: a Map keeps the order of insertion. No group is empty. */
  readonly #groups = new Map<string, T[]>();
  readonly #max: number;
  readonly #maxPerGroup: number;
  #size = 0;

  constructor({ max, maxPerGroup }: { max: number; maxPerGroup: number }) {
    this.#max = max;
    this.#maxPerGroup = maxPerGroup;
  }

  hasRoom(group: string): boolean {
    return this.#size < this.#max && (this.#groups.get(group)?.length ?? 0) < this.#maxPerGroup;
  }

  push(group: string, item: T): void {
    this.#size += 1;
    const items = this.#groups.get(group);
    if (items === undefined) this.#groups.set(group, [item]);
    else items.push(item);
  }

  /** The next item, or undefined when none waits. */
  shift(): T | undefined {
    for (const [group, items] of this.#groups) {
      const item = items.shift();
      this.#size -= 1;
      this.#groups.delete(group);
      if (items.length > 0) this.#groups.set(group, items);
      return item;
    }
    return undefined;
  }
}
