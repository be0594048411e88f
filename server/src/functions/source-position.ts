/** A place in a function's source, counted from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}
