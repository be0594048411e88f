/** What a worker does: `waiting` is standing still for an HTTP call that its function makes. */
export type WorkerState = "starting" | "idle" | "computing" | "waiting";

export interface PoolPlace {
  readonly state: WorkerState;
  /** Whose function ran in it last, or runs. */
  readonly bucketId: string | undefined;
}

export interface PoolSize {
  /** Workers that compute at a time. */
  readonly computing: number;
  /** Of those, for one bucket. */
  readonly perBucket: number;
  /** Further workers, as long as others stand still. */
  readonly extra: number;
}

/** Whether one more worker may be there: those that stand still take nobody's place, up to a number. */
export function mayStart(places: readonly PoolPlace[], { computing, extra }: PoolSize): boolean {
  return places.length < computing + Math.min(count(places, "waiting"), extra);
}

/**
 * Whether a bucket may have one more run. A bucket of which runs stand still already gets no place among the last ones,
 * which are as many as compute at a time: others always find one.
 */
export function mayRun(bucketId: string, places: readonly PoolPlace[], size: PoolSize): boolean {
  const computing = count(places, "computing");
  const own = places.filter((place) => place.bucketId === bucketId);
  if (computing >= size.computing || count(own, "computing") >= size.perBucket) return false;
  if (count(own, "waiting") === 0) return true;
  const taken = computing + count(places, "waiting");
  return size.computing + size.extra - taken > size.computing;
}

function count(places: readonly PoolPlace[], state: WorkerState): number {
  return places.filter((place) => place.state === state).length;
}
