import { Agent, request } from "node:https";
import { KubernetesError } from "./kubernetes-error.js";

/** How to get into an API server. */
export interface KubernetesAccess {
  /** As "https://127.0.0.1:6443". */
  readonly server: string;
  /** Certificates in PEM that the server's must lead to; without, those that Node trusts. */
  readonly ca?: string | undefined;
  readonly token: string;
}

/** A value of JSON, as an API server takes and gives it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined };

/** An object of Kubernetes. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [field: string]: Json | undefined;
  };
  readonly [field: string]: Json | undefined;
}

/** What names an object. */
export type ObjectName = Pick<KubernetesObject, "apiVersion" | "kind"> & {
  readonly metadata: { readonly name?: string; readonly namespace?: string };
};

export interface ApplyOptions {
  /** Who owns the fields that are given. */
  readonly fieldManager: string;
  /** Takes fields over that another manager owns, instead of failing with a conflict. */
  readonly force?: boolean;
  /** Judges and answers, but changes nothing. */
  readonly dryRun?: boolean;
}

type Kind = {
  readonly kind: string;
  readonly name: string;
  readonly namespaced: boolean;
};

const REQUEST_MS = 60_000;

/** The API of a server of Kubernetes: as much of it as `kubectl apply` and its like need. */
export class KubernetesApi {
  readonly #access: KubernetesAccess;
  readonly #agent: Agent;
  readonly #kinds = new Map<string, readonly Kind[]>();

  constructor(access: KubernetesAccess) {
    this.#access = access;
    this.#agent = new Agent({ keepAlive: true, ...(access.ca === undefined ? {} : { ca: access.ca }) });
  }

  /** Ends idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  /**
   * Gives the server an object by server-side apply. Fields that its kind does not have are refused. Throws
   * KubernetesError.
   */
  async apply(object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    const { fieldManager, force = false, dryRun = false } = options;
    const query = new URLSearchParams({ fieldManager, force: String(force), fieldValidation: "Strict" });
    if (dryRun) query.set("dryRun", "All");
    const answer = await this.call("PATCH", `${await this.pathOf(object)}?${query}`, {
      body: object,
      type: "application/apply-patch+yaml",
    });
    return answer as KubernetesObject;
  }

  /** Changes an object by a merge patch, as somebody else would. `subresource` is like "status". */
  async patch(object: ObjectName, change: Json, subresource?: string): Promise<KubernetesObject> {
    const path = [await this.pathOf(object), subresource].filter((part) => part !== undefined).join("/");
    const answer = await this.call("PATCH", path, { body: change, type: "application/merge-patch+json" });
    return answer as KubernetesObject;
  }

  /** An object, or undefined when there is none. */
  async get(object: ObjectName): Promise<KubernetesObject | undefined> {
    try {
      return (await this.call("GET", await this.pathOf(object))) as KubernetesObject;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Objects of a kind in all namespaces, or in one. */
  async list(apiVersion: string, kind: string, namespace?: string): Promise<readonly KubernetesObject[]> {
    const { name, namespaced } = await this.#kind(apiVersion, kind);
    const within = namespaced && namespace !== undefined ? `namespaces/${namespace}/` : "";
    const { items } = (await this.call("GET", `${groupPath(apiVersion)}/${within}${name}`)) as {
      items: readonly KubernetesObject[];
    };
    return items.map((item) => ({ ...item, apiVersion, kind }));
  }

  /** Begins to delete an object; what belongs to it goes afterwards. False when there is none. */
  async delete(object: ObjectName): Promise<boolean> {
    try {
      await this.call("DELETE", await this.pathOf(object), { body: { propagationPolicy: "Background" } });
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** The path of an object. Throws KubernetesError with status 404 when the server does not know its kind. */
  async pathOf({ apiVersion, kind, metadata }: ObjectName): Promise<string> {
    const { name, namespaced } = await this.#kind(apiVersion, kind);
    const within = namespaced ? `namespaces/${metadata.namespace ?? "default"}/` : "";
    return `${groupPath(apiVersion)}/${within}${name}/${encodeURIComponent(metadata.name ?? "")}`;
  }

  async #kind(apiVersion: string, kind: string): Promise<Kind> {
    const known = this.#kinds.get(apiVersion)?.find((each) => each.kind === kind);
    if (known !== undefined) return known;
    // Kinds come with definitions that are applied later, so a miss is not remembered.
    const { resources } = (await this.call("GET", groupPath(apiVersion))) as { resources: readonly Kind[] };
    const kinds = resources.filter(({ name }) => !name.includes("/"));
    this.#kinds.set(apiVersion, kinds);
    const found = kinds.find((each) => each.kind === kind);
    if (found === undefined) throw new KubernetesError(404, "NotFound", `no matches for kind ${kind} in ${apiVersion}`);
    return found;
  }

  /** Any request. Throws KubernetesError for an answer that is no success. */
  call(
    method: string,
    path: string,
    { body, type = "application/json" }: { body?: Json; type?: string } = {},
  ): Promise<Json> {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.#access.token}`,
      accept: "application/json",
      ...(sent === undefined ? {} : { "content-type": type, "content-length": Buffer.byteLength(sent) }),
    };
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: this.#agent, timeout: REQUEST_MS };
      const call = request(new URL(path, this.#access.server), options, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          if (status < 300) resolve(parsed(text));
          else reject(errorOf(status, `${method} ${path}`, text));
        });
      });
      call.on("timeout", () => call.destroy(new Error(`${method} ${path}: no answer within ${REQUEST_MS} ms`)));
      call.on("error", reject);
      call.end(sent);
    });
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 404;
}

/** `/readyz` and its like answer with text. */
function parsed(text: string): Json {
  return text.startsWith("{") ? (JSON.parse(text) as Json) : text;
}

function errorOf(status: number, what: string, text: string): KubernetesError {
  const answer = parsed(text);
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    return new KubernetesError(status, "Unknown", `${what}: ${text}`);
  }
  const { message, reason } = answer as { message?: string; reason?: string };
  return new KubernetesError(status, reason ?? "Unknown", message ?? `${what}: status ${status}`);
}
