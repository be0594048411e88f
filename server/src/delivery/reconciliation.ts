import type pg from "pg";
import type { Logger } from "pino";
import { idText, newId } from "../ids.js";
import { releaseUnknown } from "../store/release-deliveries.js";
import type { Lanes } from "./lanes.js";

export interface ReconciliationOptions {
  readonly pool: pg.Pool;
  readonly lanes: Lanes;
  readonly logger: Logger;
  readonly holder: () => number;
  /** Ids of what this server holds outside of its lanes. */
  readonly known: () => Iterable<string>;
}

/**
 * After a statement of unknown end rows may carry this server's name that it does not know: it lets go of them. Meanwhile
 * nothing is claimed, so that what it does know stands still.
 */
export class Reconciliation {
  readonly #options: ReconciliationOptions;
  #due = false;

  constructor(options: ReconciliationOptions) {
    this.#options = options;
  }

  /** True from such a statement until rows and knowledge agree again. */
  get due(): boolean {
    return this.#due;
  }

  need(): void {
    this.#due = true;
  }

  /** To be called while no claim runs. Rejects with the database's error; it is due then as before. */
  async run(): Promise<void> {
    const { pool, lanes, logger, holder } = this.#options;
    const before = idText(newId(Date.now()));
    const known = [...this.#options.known()];
    for (const lane of lanes) {
      for (const delivery of lane.drain()) {
        known.push(delivery.id);
        lane.push(delivery);
      }
    }
    const released = await releaseUnknown(pool, { holder: holder(), known, before });
    if (released > 0) logger.info({ released }, "delivery.unknown-released");
    this.#due = false;
  }
}
