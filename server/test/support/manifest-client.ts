import type { ManifestPlan } from "@relay/provider-schema";
import type { ApiAnswer, TestServer } from "./run-server.js";

export interface PlanOptions {
  readonly adopt?: readonly string[];
  readonly allow_undelivered_loss?: boolean;
}

export interface AppliedManifest {
  readonly plan: ManifestPlan;
  readonly secrets: Readonly<Record<string, { readonly key: string; readonly secret: string }>>;
}

/** The manifest routes of a server. The `try` forms answer whatever comes, the others expect success. */
export function manifestClient(server: TestServer) {
  const tryPlan = (name: string, manifest: object, options: PlanOptions = {}): Promise<ApiAnswer> =>
    server.api("POST", `/v1/manifests/${name}/plan`, { manifest, ...options });
  const tryApply = (
    name: string,
    manifest: object,
    { fingerprint }: Pick<ManifestPlan, "fingerprint">,
    options: PlanOptions = {},
  ): Promise<ApiAnswer> => server.api("POST", `/v1/manifests/${name}/apply`, { manifest, fingerprint, ...options });
  const must = ({ status, json }: ApiAnswer) => {
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(json)}`);
    return json;
  };
  const plan = async (name: string, manifest: object, options?: PlanOptions): Promise<ManifestPlan> =>
    must(await tryPlan(name, manifest, options));
  const apply = async (
    name: string,
    manifest: object,
    planned: Pick<ManifestPlan, "fingerprint">,
    options?: PlanOptions,
  ): Promise<AppliedManifest> => must(await tryApply(name, manifest, planned, options));
  return {
    tryPlan,
    tryApply,
    plan,
    apply,
    async planAndApply(name: string, manifest: object, options?: PlanOptions): Promise<AppliedManifest> {
      return apply(name, manifest, await plan(name, manifest, options), options);
    },
    /** Removes every manifest, bucket and named token. */
    async clear(): Promise<void> {
      for (const { name } of await server.must("GET", "/v1/manifests")) {
        await server.must("DELETE", `/v1/manifests/${name}`);
      }
      for (const { id } of await server.must("GET", "/v1/buckets")) {
        await server.must("DELETE", `/v1/buckets/${id}?force=true`);
      }
      for (const { id, name } of await server.must("GET", "/v1/tokens")) {
        if (name !== "" && id !== server.adminKey) await server.must("DELETE", `/v1/tokens/${id}`);
      }
    },
  };
}

export type ManifestClient = ReturnType<typeof manifestClient>;
