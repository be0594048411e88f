/** Something that changes by events, and those who wait for what it becomes. */
export class Changes {
  #waiting: (() => void)[] = [];

  /** Lets everyone who waits look again. */
  announce(): void {
    for (const look of this.#waiting.splice(0)) look();
  }

  /** Resolves with what `probe` gives, once that is neither undefined nor false; asked now and after every change. */
  until<T>(probe: () => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = probe();
        if (found === undefined || found === false) this.#waiting.push(look);
        else resolve(found);
      };
      look();
    });
  }
}
