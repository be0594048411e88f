/** A text as one word of a POSIX shell: commands shown to people may be pasted, and names may hold anything. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
