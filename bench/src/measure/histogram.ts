/**
 * Latencies in buckets that grow with the value: below 256 us exact, above it 128 buckets per power of two, so that a
 * percentile is at most 0.8 % too high and a million samples cost as much memory as one.
 */
const EXACT = 256;
const PER_OCTAVE = 128;
const OCTAVES = 24;

/** What a histogram says, in milliseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface Histogram {
  /** Adds one value in microseconds; negative ones count as 0. */
  record(micros: number): void;
  /** Value in microseconds that the share `fraction` of all samples does not exceed; 0 when empty. */
  percentile(fraction: number): number;
  /** How many samples are above `micros`, to the bucket's precision. */
  countAbove(micros: number): number;
  summary(): Percentiles;
  reset(): void;
}

function bucketOf(micros: number): number {
  if (micros < EXACT) return micros;
  const octave = 31 - Math.clz32(micros) - 8;
  if (octave >= OCTAVES) return EXACT + OCTAVES * PER_OCTAVE - 1;
  return EXACT + octave * PER_OCTAVE + ((micros >>> (octave + 1)) - PER_OCTAVE);
}

function highestOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const octave = Math.floor((bucket - EXACT) / PER_OCTAVE);
  const step = (bucket - EXACT) % PER_OCTAVE;
  return (PER_OCTAVE + step + 1) * 2 ** (octave + 1) - 1;
}

/** An empty histogram. */
export function createHistogram(): Histogram {
  const buckets = new Uint32Array(EXACT + OCTAVES * PER_OCTAVE);
  let count = 0;
  let max = 0;

  function percentile(fraction: number): number {
    if (count === 0) return 0;
    const rank = Math.max(1, Math.ceil(count * fraction));
    let seen = 0;
    for (let bucket = 0; bucket < buckets.length; bucket += 1) {
      seen += buckets[bucket] ?? 0;
      if (seen >= rank) return Math.min(highestOf(bucket), max);
    }
    return max;
  }

  return {
    record(micros) {
      const value = micros < 0 ? 0 : Math.min(Math.floor(micros), 2 ** 31 - 1);
      const bucket = bucketOf(value);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      count += 1;
      if (value > max) max = value;
    },
    percentile,
    countAbove(micros) {
      let above = 0;
      for (let bucket = bucketOf(micros) + 1; bucket < buckets.length; bucket += 1) above += buckets[bucket] ?? 0;
      return above;
    },
    summary: () => ({
      count,
      p50: percentile(0.5) / 1000,
      p90: percentile(0.9) / 1000,
      p99: percentile(0.99) / 1000,
      max: max / 1000,
    }),
    reset() {
      buckets.fill(0);
      count = 0;
      max = 0;
    },
  };
}
