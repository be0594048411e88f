import type { Properties, Value } from "./value.js";

function text(value: Value | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

const PREFIX = "kubernetes:";

/**
 * What rules name a resource by. An object of Kubernetes is told by `apiVersion` and `kind`, without the version, so that
 * custom resources and typed ones are the same: "networking.gke.io/GCPBackendPolicy", "core/Namespace". Everything else
 * is told by its type token.
 */
export function kindOf(type: string, props: Properties): string {
  if (!type.startsWith(PREFIX)) return type;
  const [, group = "", tokenKind = ""] = type.split(":");
  const apiVersion = text(props.apiVersion) ?? group;
  const kind = text(props.kind) ?? tokenKind;
  const slash = apiVersion.indexOf("/");
  return `${slash === -1 ? "core" : apiVersion.slice(0, slash)}/${kind}`;
}
