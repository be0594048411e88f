import type pg from "pg";
import type { Logger } from "pino";
import type { SecretVerifier } from "../auth/secret-verifier.js";
import type { TokenAuthenticator } from "../auth/token-authenticator.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Sealer } from "../crypto/sealer.js";
import type { SettingSealer } from "../crypto/setting-sealer.js";
import type { ExecutionRecorder } from "../executions/execution-recorder.js";
import type { FunctionRuns } from "../executions/run-function.js";
import type { Hint } from "../hint/hint.js";
import type { PullWaiters } from "../pull/pull-waiters.js";
import type { AdminLimits } from "./admin-limits.js";

/** What the admin API needs of the rest of the server. */
export interface AdminContext {
  /** At least three connections: a change on each listener may hold one while the catalog reads through another. */
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
  readonly hint: Hint;
  readonly sealer: Sealer;
  readonly settingSealer: SettingSealer;
  /** Why this server would never call a public destination's host, by its spelling; undefined: it may. */
  readonly destinationRefusal: (hostname: string) => string | undefined;
  readonly functions: FunctionRuns;
  readonly executions: Pick<ExecutionRecorder, "record" | "written">;
  readonly authenticator: TokenAuthenticator;
  /** Makes the first data key of each bucket inside the transaction that makes the buckets. */
  readonly createBucketKeys: (client: pg.PoolClient, bucketIds: readonly string[]) => Promise<void>;
  /** Makes the bucket's keys ready for `sealer.seal`. */
  readonly loadBucketKeys: (bucketId: string) => Promise<void>;
  /** A bucket is gone: its keys must leave memory. */
  readonly forgetBucketKeys: (bucketId: string) => void;
  /** Base of the webhook addresses shown to people, without a slash at the end. Read per request: it may be a getter. */
  readonly publicUrl: string;
  readonly version: string;
  readonly logger: Logger;
  /** Unix milliseconds. */
  readonly clock: () => number;
  /** Signs fingerprints of plans: the same on every server of an installation. */
  readonly fingerprintKey: Buffer;
  /** Compares the secrets of manifests. */
  readonly secretVerifier: SecretVerifier;
  /** bcrypt cost of new secrets. */
  readonly bcryptCost?: number;
  /** Key of the token whose secret the environment sets at each start; empty or absent when it sets none. */
  readonly environmentKey?: string;
  /** One for all listeners of the server. */
  readonly limits: AdminLimits;
  /** Connections that hold what is being pulled while it is opened, which takes others. */
  readonly pullPool: pg.Pool;
  readonly pullWaiters: PullWaiters;
  /** Works on jobs that send again; told of a new one. */
  readonly resends: { wake(): void };
}
