/** Name of the environment variable that holds the change, as JSON. */
export const CHANGED_INPUTS = "CHANGED_INPUTS";

/** Which resource's inputs are changed, and how: path to new value. */
export interface ChangedInputs {
  readonly type: string;
  readonly name: string;
  readonly set: Readonly<Record<string, unknown>>;
}
