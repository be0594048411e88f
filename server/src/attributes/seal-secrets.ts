import { SealBrokenError } from "../crypto/sealer.js";
import type { SettingSealer } from "../crypto/setting-sealer.js";
import type { SettingSecrets } from "./settings.js";

export type SealedTable = "input" | "output" | "function";

/** The object that secrets belong to: sealed, they open for no other. */
export interface SecretOwner {
  readonly table: SealedTable;
  readonly id: string;
}

/** Secrets of an object as its row holds them: by path, in base64. */
export type SealedSecrets = Readonly<Record<string, string>>;

export function sealSecrets(sealer: SettingSealer, owner: SecretOwner, secrets: SettingSecrets): SealedSecrets {
  return Object.fromEntries(
    Object.entries(secrets).map(([path, secret]) => [path, sealer.seal(contextOf(owner, path), secret)]),
  );
}

/** One that was damaged or moved is left out and told: what needs it refuses to work, everything else goes on. */
export function openSecrets(
  { open }: SettingSealer,
  owner: SecretOwner,
  { sealed, onBroken }: { sealed: SealedSecrets; onBroken: (error: SealBrokenError) => void },
): SettingSecrets {
  return Object.fromEntries(
    Object.entries(sealed).flatMap(([path, bytes]) => {
      try {
        return [[path, open(contextOf(owner, path), bytes)]];
      } catch (error) {
        if (!(error instanceof SealBrokenError)) throw error;
        onBroken(error);
        return [];
      }
    }),
  );
}

function contextOf({ table, id }: SecretOwner, path: string): string {
  return `${table} ${id} ${path}`;
}
