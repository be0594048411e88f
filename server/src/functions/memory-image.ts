/**
 * A guest's memory as it was when everything was made ready and nobody had run in it. Put back, it is the next run's fresh
 * start, for the price of copying what the image holds; and whoever found a mistake of an interpreter cannot leave anything
 * behind that waits for the next one who comes.
 */
export class MemoryImage {
  readonly #memory: () => Uint8Array;
  readonly #parts: readonly Part[];
  readonly #size: number;

  /** `memory` gives the current view: it changes when a memory grows. */
  constructor(memory: () => Uint8Array) {
    this.#memory = memory;
    const all = memory();
    this.#size = all.length;
    this.#parts = partsOf(all);
  }

  /** Bytes that a run was given more than the image had. */
  get grown(): number {
    return this.#memory().length - this.#size;
  }

  /** Puts back all that the interpreter relies on. What it has not in use keeps the bytes that a run left there. */
  restore(): void {
    const memory = this.#memory();
    for (const { at, bytes } of this.#parts) memory.set(bytes, at);
  }

  /** Puts every byte back. */
  restoreAll(): void {
    const memory = this.#memory();
    let end = 0;
    for (const { at, bytes } of this.#parts) {
      memory.fill(0, end, at);
      end = at + bytes.length;
    }
    memory.fill(0, end);
    this.restore();
  }
}

interface Part {
  readonly at: number;
  readonly bytes: Uint8Array;
}

const PAGE = 4_096;

/** Zeros that go on for this long, in pages, are free stack or free heap: an interpreter just started holds nothing as large. */
const FREE_PAGES = 64;

function partsOf(all: Uint8Array): readonly Part[] {
  const parts: { from: number; to: number }[] = [];
  for (let page = 0; page < all.length / PAGE; page++) {
    if (!isUsed(all, page)) continue;
    const last = parts.at(-1);
    if (last !== undefined && page - last.to < FREE_PAGES) last.to = page + 1;
    else parts.push({ from: page, to: page + 1 });
  }
  return parts.map(({ from, to }) => ({ at: from * PAGE, bytes: all.slice(from * PAGE, (to + FREE_AFTER) * PAGE) }));
}

/** Pages behind a part that belong to it although they are zero: the last thing on the heap may begin with zeros. */
const FREE_AFTER = 16;

function isUsed(all: Uint8Array, page: number): boolean {
  const words = new Uint32Array(all.buffer, all.byteOffset + page * PAGE, PAGE / 4);
  return words.some((word) => word !== 0);
}
