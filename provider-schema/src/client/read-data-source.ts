import { resourceState } from "../engine/resource-state.js";
import type { Values } from "../engine/value.js";
import type { DataSource, Json } from "../model.js";
import type { RelayApi } from "./relay-api.js";
import { RelayApiError } from "./relay-api-error.js";

type View = { readonly [name: string]: Json };

/** What a data source holds. Throws RelayApiError, also when there is no such object. */
export async function readDataSource(api: RelayApi, source: DataSource, config: Values): Promise<Values> {
  const view = await viewOf(api, source, config);
  const shown = resourceState({ ...source, plural: "", importExample: "" }, view, null);
  // What people wrote stays as they wrote it: an id may stand for a name.
  const written = Object.entries(config).filter(([, value]) => value !== null);
  return { ...shown, ...Object.fromEntries(written) };
}

async function viewOf(api: RelayApi, { name }: DataSource, config: Values): Promise<View> {
  switch (name) {
    case "bucket":
      return found(
        await api.find(`/v1/buckets/${segment(config.name)}`),
        `There is no bucket "${String(config.name)}"`,
      );
    case "input":
      return found(
        await api.find(`/v1/buckets/${segment(config.bucket)}/inputs/${segment(config.name)}`),
        `There is no input "${String(config.name)}" in a bucket "${String(config.bucket)}"`,
      );
    case "tokens":
      return { tokens: await api.send("GET", "/v1/tokens") };
    case "server":
      return found(await api.find("/v1/version"), "The server does not tell its version");
    default:
      throw new Error(`there is no way to read ${name}`);
  }
}

function found(view: Json | undefined, otherwise: string): View {
  if (view === undefined) throw new RelayApiError(404, `${otherwise}.`);
  if (typeof view === "object" && view !== null && !Array.isArray(view)) return view as View;
  throw new RelayApiError(0, "the server answered with something else than an object: is it a relay server?");
}

function segment(value: unknown): string {
  return encodeURIComponent(String(value));
}
