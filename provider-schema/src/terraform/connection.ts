import { RelayApi } from "../client/relay-api.js";
import { RelayApiError } from "../client/relay-api-error.js";
import { RelayObjects } from "../client/relay-objects.js";
import { TakenNames } from "../client/taken-names.js";

/** How the provider is told to reach the server. */
export interface ConnectionOptions {
  readonly address: string;
  readonly key: string;
  readonly secret: string;
  readonly caFile: string | undefined;
  readonly userAgent: string;
}

/** The way to the server: known once terraform has configured the provider. */
export class Connection {
  #api: RelayApi | undefined;
  #why = "the provider is not configured";
  #takenNames: TakenNames | undefined;

  /** Throws RelayApiError when it could not work with these options. */
  open(options: ConnectionOptions): void {
    this.#api = new RelayApi({ ...options, managedBy: "terraform" });
    this.#takenNames = new TakenNames(this.#api);
  }

  /** Says what is missing, to who needs the server. */
  defer(why: string): void {
    this.#api = undefined;
    this.#takenNames = undefined;
    this.#why = why;
  }

  /** Throws RelayApiError when it is not known yet. */
  get api(): RelayApi {
    if (this.#api === undefined) throw new RelayApiError(0, this.#why);
    return this.#api;
  }

  /** Throws RelayApiError when it is not known yet. */
  get objects(): RelayObjects {
    return new RelayObjects(this.api);
  }

  /** Names that are taken; undefined while the server is not known. */
  get takenNames(): TakenNames | undefined {
    return this.#takenNames;
  }

  /** Ends what waits for another try. */
  stop(): void {
    this.#api?.stop();
  }
}
