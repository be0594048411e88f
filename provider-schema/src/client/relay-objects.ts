import { resourceBody } from "../engine/resource-body.js";
import { resourceState } from "../engine/resource-state.js";
import type { Value, Values } from "../engine/value.js";
import type { Json, Resource } from "../model.js";
import type { ObjectReference } from "./object-reference.js";
import { PartlyDoneError } from "./partly-done-error.js";
import type { RelayApi } from "./relay-api.js";
import { RelayApiError } from "./relay-api-error.js";

type View = { readonly [name: string]: Json };

/** Objects of the server as values of their definition: made, read, changed and removed through the management API. */
export class RelayObjects {
  readonly #api: RelayApi;

  constructor(api: RelayApi) {
    this.#api = api;
  }

  /**
   * Makes the object. Throws RelayApiError when it was not made, and PartlyDoneError with what is known of it when it was
   * made and could not be looked at.
   */
  async create(resource: Resource, planned: Values): Promise<Values> {
    const body = {
      ...resourceBody(resource, planned, { secrets: () => true }),
      // The input that comes with a bucket for people: nobody declared it.
      ...(resource.name === "bucket" ? { default_input: false } : {}),
    };
    const made = asView(await this.#api.send("POST", this.#collection(resource, planned), body));
    // A token's answer is its key and secret alone.
    if (resource.name !== "token") return resourceState(resource, made, planned);
    const secret = typeof made.secret === "string" && made.secret !== "" ? made.secret : null;
    const told = { ...planned, id: made.key ?? null, secret };
    try {
      return { ...((await this.read(resource, told)) ?? told), secret };
    } catch (error) {
      // The secret is told once: it must not be lost because the server could not be asked again.
      if (error instanceof RelayApiError) throw new PartlyDoneError(error, told);
      throw error;
    }
  }

  /** The object as it is now, what is never shown kept from `prior`; null when it is gone. */
  async read(resource: Resource, prior: Values): Promise<Values | null> {
    const view = await this.#api.find(this.#item(resource, prior));
    return view === undefined ? null : resourceState(resource, asView(view), prior);
  }

  /** The object of an import id; null when there is none. */
  async find(resource: Resource, reference: ObjectReference): Promise<Values | null> {
    const { parent } = resource;
    if (parent === undefined || reference.parent !== undefined) {
      const base = parent === undefined ? {} : { [parent]: reference.parent ?? null };
      return this.read(resource, { ...base, id: reference.object });
    }
    // A bare id of what belongs to a parent: no path has it, all parents together do.
    const parents = await this.#api.send("GET", `/v1/${parent}s`);
    for (const each of asViews(parents)) {
      const view = asViews(each[resource.plural] ?? []).find(({ id }) => id === reference.object);
      if (view !== undefined) return resourceState(resource, view, { [parent]: (each.id ?? null) as Value });
    }
    return null;
  }

  /** Changes the object to `planned`; `secrets` says which given secrets, by path, are to be written again. */
  async update(
    resource: Resource,
    prior: Values,
    planned: Values,
    { secrets }: { secrets: (path: string) => boolean },
  ): Promise<Values> {
    const body = resourceBody(resource, planned, { secrets });
    const view = asView(await this.#api.send("PUT", this.#item(resource, { ...planned, id: prior.id ?? null }), body));
    return resourceState(resource, view, planned);
  }

  /**
   * Gives a token a new secret; the one before ends after `graceSeconds`. A secret that nobody has used yet, whose answer was
   * lost on its way, is replaced: the one that is in use keeps its grace. The new secret, or null for one of the user's own.
   */
  async rotate(
    id: string,
    { graceSeconds, ownSecret }: { graceSeconds: number; ownSecret: string | null },
  ): Promise<string | null> {
    const path = `/v1/tokens/${encodeURIComponent(id)}`;
    const body = { grace_seconds: graceSeconds, ...(ownSecret === null ? {} : { own_secret: ownSecret }) };
    const again = graceSeconds > 0 && presentIsLost(asView(await this.#api.send("GET", path)));
    const send = (again: boolean) => this.#api.send("POST", `${path}/rotate`, again ? { ...body, again } : body);
    const answer = await send(again).catch((error: unknown) => {
      // Used since it was looked at: it was not lost.
      if (again && error instanceof RelayApiError && error.status === 412) return send(false);
      throw error;
    });
    const { secret } = asView(answer);
    return typeof secret === "string" && secret !== "" ? secret : null;
  }

  /** Removes the object; one that is gone already is no error. Throws RelayApiError with what is in the way. */
  async delete(resource: Resource, prior: Values): Promise<void> {
    try {
      await this.#api.send("DELETE", this.#item(resource, prior));
    } catch (error) {
      if (!(error instanceof RelayApiError) || error.status !== 404) throw error;
    }
  }

  #collection({ parent, plural }: Resource, values: Values): string {
    if (parent === undefined) return `/v1/${plural}`;
    // By id where it is known: the parent may have been renamed.
    const id = values[`${parent}_id`];
    return `/v1/${parent}s/${segment(typeof id === "string" ? id : values[parent])}/${plural}`;
  }

  #item(resource: Resource, values: Values): string {
    return `${this.#collection(resource, values)}/${segment(values.id)}`;
  }
}

/** True of a token whose present secret was never used while one before it is still good. */
function presentIsLost({ secrets }: View): boolean {
  const [present, before] = asViews(secrets ?? []);
  const until = before?.valid_until;
  return present?.last_used_at === null && typeof until === "number" && until * 1000 > Date.now();
}

function segment(value: Value | undefined): string {
  if (typeof value !== "string" || value === "")
    throw new RelayApiError(0, "an object without an id cannot be addressed");
  return encodeURIComponent(value);
}

function asView(value: Json): View {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as View;
  throw new RelayApiError(
    0,
    "the server answered with something else than an object: is it a relay server of this version?",
  );
}

function asViews(value: Json): readonly View[] {
  if (!Array.isArray(value)) throw new RelayApiError(0, "the server answered with something else than a list");
  return value.map((each: Json) => asView(each));
}
