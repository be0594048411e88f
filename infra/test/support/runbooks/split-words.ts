/** Arguments taken apart: what is before the first flag and between flags, and the flags' names. */
export interface SplitWords {
  readonly positionals: readonly string[];
  /** With their dashes, values cut off. */
  readonly flags: readonly string[];
}

/**
 * Takes arguments apart. `withValue` says which flags take the next word as their value when it is not behind a `=`; a value
 * is no argument of its own.
 */
export function splitWords(words: readonly string[], withValue: (flag: string) => boolean = () => false): SplitWords {
  const positionals: string[] = [];
  const flags: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!/^--?[A-Za-z]/.test(word)) {
      positionals.push(word);
      continue;
    }
    const flag = word.replace(/=.*$/s, "");
    flags.push(flag);
    if (!word.includes("=") && withValue(flag)) index += 1;
  }
  return { positionals, flags };
}
