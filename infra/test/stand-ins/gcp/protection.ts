import type { CloudValue, CloudValues } from "./cloud-folder.js";

/** What a type says to whoever deletes a protected one. */
const PROTECTED: Readonly<Record<string, { readonly unlessSaid: boolean; readonly message: string }>> = {
  "gcp:container/cluster:Cluster": {
    unlessSaid: true,
    message:
      "Cannot destroy cluster because deletion_protection is set to true. Set it to false to proceed with cluster deletion.",
  },
  "gcp:secretmanager/secret:Secret": {
    unlessSaid: false,
    message: "Cannot destroy secret because deletion_protection is set to true. Set it to false to proceed.",
  },
  "gcp:sql/databaseInstance:DatabaseInstance": {
    unlessSaid: true,
    message:
      "Error, failed to delete instance because deletion_protection is set to true. Set it to false to proceed with instance deletion.",
  },
};

/** Why a resource may not be deleted, by the provider's state of it; undefined when it may. */
export function protectionOf(type: string, state: CloudValues): string | undefined {
  const rule = PROTECTED[type];
  if (rule !== undefined && (state.deletionProtection ?? rule.unlessSaid) === true) return rule.message;
  if (state.deletionPolicy === "PREVENT") {
    return 'deletion_policy is "PREVENT": the resource cannot be destroyed until it is set to "DELETE".';
  }
  const { settings } = state;
  if (isObject(settings) && settings.deletionProtectionEnabled === true) {
    return "Error 400: The instance is protected. Please disable the deletion protection and try again.";
  }
  return undefined;
}

/** Whether a resource stays in the cloud when it is deleted: by what was said of it, or because nothing of its kind can go. */
export function staysBehind(type: string, state: CloudValues): boolean {
  if (type === "gcp:projects/service:Service") return state.disableOnDestroy !== true;
  return state.deletionPolicy === "ABANDON" || STAYING.has(type);
}

const STAYING = new Set([
  "gcp:kms/keyRing:KeyRing",
  "gcp:kms/cryptoKey:CryptoKey",
  "gcp:projects/serviceIdentity:ServiceIdentity",
]);

/** Whether a resource is a state that something is brought into: then it may be in that state already. */
export function isState(type: string): boolean {
  return STATES.has(type) || /I(AM|am)Member$/.test(type);
}

const STATES = new Set([
  "gcp:binaryauthorization/policy:Policy",
  "gcp:projects/iAMAuditConfig:IAMAuditConfig",
  "gcp:projects/service:Service",
  "gcp:projects/serviceIdentity:ServiceIdentity",
]);

function isObject(value: CloudValue | undefined): value is CloudValues {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
