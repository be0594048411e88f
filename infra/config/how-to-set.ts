/** The command that sets a key to a value that would be accepted. */
export function howToSet(key: string, example: string): string {
  return `Set it: pulumi config set ${key} ${example}`;
}
