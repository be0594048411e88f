import type { KmsStanding } from "./kms-watch.js";

/** What the health check says of Cloud KMS; undefined when all is well. Names no key: the listener may ask nobody. */
export function kmsNotice(standing: KmsStanding): { readonly ready: boolean; readonly text: string } | undefined {
  if (standing.kind === "good") return undefined;
  const trouble =
    standing.error.kind === "refused" ? "Cloud KMS refuses the key-encryption key" : "Cloud KMS cannot be reached";
  if (standing.kind === "locked") return { ready: false, text: `${trouble}: no data key may be used any more` };
  return {
    ready: true,
    text: `${trouble}; the data keys in memory are used until ${new Date(standing.until).toISOString()}`,
  };
}
