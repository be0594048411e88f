/** Steps that end what was started; they are made in the reverse order. */
export type Undo = (() => Promise<void> | void)[];
