import pg from "pg";
import { RelayError } from "../errors.js";
import { changeCatalog } from "../store/catalog-version.js";
import type { AdminContext } from "./admin-context.js";

const NAME_TAKEN: Readonly<Record<string, string>> = {
  buckets_name_key: "A bucket of this name exists already. Choose another name, or change that bucket.",
  inputs_bucket_id_name_key: "The bucket has an input of this name already. Choose another name, or change that input.",
  outputs_bucket_id_name_key:
    "The bucket has an output of this name already. Choose another name, or change that output.",
  crons_bucket_id_name_key: "The bucket has a cron of this name already. Choose another name, or change that cron.",
  functions_name_key: "A function of this name exists already. Choose another name, or change that function.",
  tokens_name_key: "A token of this name exists already. Choose another name, or change that token.",
};

/**
 * Changes of the catalog, one after the other. `change` runs in the transaction, under the catalog's lock, when this
 * server's snapshot is exactly what is committed: what it reads from the catalog cannot be changed by others meanwhile.
 */
export class CatalogChanges {
  readonly #context: AdminContext;
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: AdminContext) {
    this.#context = context;
  }

  /**
   * Resolves when the change is committed, announced to the other servers (with `subjects`, the ids of what changed), and
   * seen by this one. Rejects, with nothing written, when `change` does.
   */
  run<T>(subjects: readonly string[], change: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    // One at a time: else waiting changes could take every connection of the pool, and the refresh below find none.
    const result = this.#last.then(() => this.#run(subjects, change));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run<T>(subjects: readonly string[], change: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const { pool, catalog, hint } = this.#context;
    let result: T;
    try {
      result = await changeCatalog(pool, async (client) => {
        await catalog.refresh();
        return change(client);
      });
    } catch (error) {
      throw nameTaken(error) ?? error;
    }
    hint.publish("catalog", subjects);
    // Committed: not being able to read it back is not a failure of the change. The poll catches up.
    await catalog.refresh().catch(() => undefined);
    return result;
  }
}

function nameTaken(error: unknown): RelayError | undefined {
  if (!(error instanceof pg.DatabaseError) || error.code !== "23505") return undefined;
  const text = NAME_TAKEN[error.constraint ?? ""];
  return text === undefined ? undefined : new RelayError("precondition", text, { cause: error });
}
