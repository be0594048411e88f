import type pg from "pg";

/** What runs a statement: the pool, or the client of a transaction. */
export type Queryable = Pick<pg.ClientBase, "query"> | Pick<pg.Pool, "query">;
