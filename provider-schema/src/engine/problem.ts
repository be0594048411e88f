/** A way to a value: names of attributes and map keys, positions of list elements. */
export type Path = readonly (string | number)[];

/** What is wrong with a configuration, or went wrong with an object. */
export interface Problem {
  /** Empty: the object as a whole. */
  readonly path: Path;
  /** One line. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
}
