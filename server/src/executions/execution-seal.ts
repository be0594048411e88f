import { SealBrokenError, type Sealer } from "../crypto/sealer.js";
import type { SettingSealer } from "../crypto/setting-sealer.js";
import { idBytes } from "../ids.js";
import type { ExecutionRow } from "../store/executions.js";
import type { ExecutionDetail } from "./execution.js";

export interface ExecutionSealers {
  readonly sealer: Sealer;
  /** For runs without a bucket. */
  readonly settingSealer: SettingSealer;
  /** Makes the bucket's keys ready for `sealer.seal`. */
  readonly loadBucketKeys: (bucketId: string) => Promise<void>;
}

/** Seals what a run said, under its bucket's key. Rejects when that key cannot be had. */
export async function sealDetail(
  { sealer, settingSealer, loadBucketKeys }: ExecutionSealers,
  { id, bucketId }: { readonly id: string; readonly bucketId: string | undefined },
  detail: ExecutionDetail,
): Promise<Pick<ExecutionRow, "keyVersion" | "detail">> {
  const text = JSON.stringify(detail);
  if (bucketId === undefined) {
    return { keyVersion: 0, detail: Buffer.from(settingSealer.seal(`execution ${id}`, text), "base64") };
  }
  await loadBucketKeys(bucketId);
  const { keyVersion, bytes } = sealer.seal(bucketId, idBytes(id), Buffer.from(text));
  return { keyVersion, detail: bytes };
}

/** What a run said; undefined when nothing was kept, or when its key is gone. */
export async function openDetail(
  { sealer, settingSealer }: Pick<ExecutionSealers, "sealer" | "settingSealer">,
  { id, bucketId, keyVersion, detail }: ExecutionRow,
): Promise<ExecutionDetail | undefined> {
  if (detail === null) return undefined;
  try {
    const text =
      bucketId === null
        ? settingSealer.open(`execution ${id}`, detail.toString("base64"))
        : (await sealer.open(bucketId, idBytes(id), keyVersion, detail)).toString("utf8");
    return JSON.parse(text) as ExecutionDetail;
  } catch (error) {
    if (error instanceof SealBrokenError) return undefined;
    throw error;
  }
}
