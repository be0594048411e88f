import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { googleKinds } from "./google-kinds.js";
import type { KubernetesApi, KubernetesObject } from "./kubernetes-api.js";

/** Installs the Gateway API's kinds from a folder of YAML, and Google's, and waits until the server takes objects of them. */
export async function installKinds(api: KubernetesApi, gatewayApi: string): Promise<void> {
  const names = (await readdir(gatewayApi)).filter((name) => name.endsWith(".yaml"));
  const texts = await Promise.all(names.map((name) => readFile(join(gatewayApi, name), "utf8")));
  const documents = texts.flatMap((text) =>
    parseAllDocuments(text).map((each) => each.toJS() as KubernetesObject | null),
  );
  const kinds = [...documents.filter((each) => each !== null), ...googleKinds()];
  await Promise.all(kinds.map((kind) => api.apply(kind, { fieldManager: "cluster", force: true })));
  await Promise.all(
    kinds.map((kind) => waitFor(`the kind ${kind.metadata.name}`, async () => isEstablished(await api.get(kind)))),
  );
}

function isEstablished(kind: KubernetesObject | undefined): boolean {
  // Null until the server has looked at it.
  const { conditions } = (kind?.status ?? {}) as { conditions?: readonly { type: string; status: string }[] | null };
  return (conditions ?? []).some(({ type, status }) => type === "Established" && status === "True");
}
