import type { Values } from "../engine/value.js";
import type { Json, Resource } from "../model.js";
import type { RelayApi } from "./relay-api.js";

type View = { readonly [name: string]: Json };

/** How long one look at the server serves: engines plan all resources of a run within moments. */
const FRESH_MS = 2_000;
/** A plan does not wait longer for what is only worth a warning. */
const PATIENCE_MS = 3_000;

/**
 * What has a name already of what a plan would make: left by a run that was killed before its engine wrote it down, or made
 * by somebody else. One request answers for all resources of a kind.
 */
export class TakenNames {
  readonly #api: RelayApi;
  readonly #lists = new Map<string, { readonly at: number; readonly views: Promise<readonly View[]> }>();

  constructor(api: RelayApi) {
    this.#api = api;
  }

  /** True when the server has an object of the planned name. False also when the server cannot be asked. */
  async has({ parent, plural }: Resource, { name, ...planned }: Values): Promise<boolean> {
    if (typeof name !== "string") return false;
    if (parent === undefined) return (await this.#list(plural)).some((each) => each.name === name);
    const reference = planned[parent];
    if (typeof reference !== "string") return false;
    const home = (await this.#list(`${parent}s`)).find((each) => each.id === reference || each.name === reference);
    return asViews(home?.[plural] ?? null).some((each) => each.name === name);
  }

  #list(collection: string): Promise<readonly View[]> {
    const known = this.#lists.get(collection);
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return known.views;
    const views = this.#api
      .within(PATIENCE_MS)
      .send("GET", `/v1/${collection}`)
      .then(asViews)
      .catch(() => []);
    this.#lists.set(collection, { at: Date.now(), views });
    return views;
  }
}

function asViews(value: Json): readonly View[] {
  if (!Array.isArray(value)) return [];
  return value.filter((each: Json): each is View => typeof each === "object" && each !== null && !Array.isArray(each));
}
