import type { OutputBody } from "@relay/provider-schema";
import type { OutputFields } from "../store/outputs.js";

/** What has a default that an absent field returns to, for classic clients too. */
export type OptionalOutputFields = Omit<OutputFields, "name" | "destination" | "agents" | "managedBy">;

/** Clients that send a name send everything that is not a default: what is absent goes back to its default. */
export function replacedOutput(body: OutputBody): OptionalOutputFields {
  return {
    description: body.description ?? "",
    internal: true,
    disabled: body.disabled ?? false,
    lockPath: body.lock_path ?? false,
    headers: body.headers ?? {},
    timeoutSeconds: body.timeout ?? 0,
    tlsVerification: body.tls_verification ?? false,
  };
}
