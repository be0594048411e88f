import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A value of JSON. */
export type CloudValue =
  | null
  | boolean
  | number
  | string
  | readonly CloudValue[]
  | { readonly [name: string]: CloudValue };

export type CloudValues = { readonly [name: string]: CloudValue };

/** What Google's cloud has of a resource. */
export interface CloudResource {
  /** As "gcp:compute/network:Network". */
  readonly type: string;
  readonly id: string;
  /** What it was made of, write-only values included. */
  readonly inputs: CloudValues;
  /** What the provider reads of it. */
  readonly state: CloudValues;
}

/** What is there before a program runs. */
export interface CloudSettings {
  readonly project: { readonly id: string; readonly number: string };
  /** APIs that are enabled without the program. */
  readonly enabledServices: readonly string[];
  /** What each change takes longer. */
  readonly latencyMs: number;
  /** What takes the place of clusters: HOST:PORT, and the authority of its certificate in base64. */
  readonly cluster?: { readonly endpoint: string; readonly ca: string; readonly token: string };
}

/** A failure that is to happen once. */
export interface CloudFault {
  readonly type: string;
  readonly operation: "create" | "update" | "delete";
  /** Which of the type's changes in a run, from 1. */
  readonly nth?: number;
  /** "half-done": it is there, and not as asked for. */
  readonly kind: "refused" | "half-done";
  readonly message: string;
}

const SETTINGS: CloudSettings = {
  project: { id: "relay-test", number: "123456789012" },
  // What a new project has.
  enabledServices: ["cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com"],
  latencyMs: 0,
};

/**
 * A cloud in a folder: a file per resource, which outlives the plugins that make it, so that tests can look at what is there
 * and change it behind the engine's back. Each file appears as a whole, so several processes may work on it.
 */
export class CloudFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(join(folder, "resources"), { recursive: true });
    mkdirSync(join(folder, "faults"), { recursive: true });
  }

  get settings(): CloudSettings {
    const file = join(this.#folder, "settings.json");
    const set = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Partial<CloudSettings>) : {};
    return { ...SETTINGS, ...set };
  }

  /** Changes settings, from the next thing on that a plugin does. */
  set(settings: Partial<CloudSettings>): void {
    this.#write(join(this.#folder, "settings.json"), { ...this.settings, ...settings });
  }

  all(): readonly CloudResource[] {
    const folder = join(this.#folder, "resources");
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => this.#read<CloudResource>(join(folder, name)) ?? []);
  }

  ofType(type: string): readonly CloudResource[] {
    return this.all().filter((resource) => resource.type === type);
  }

  find(type: string, id: string): CloudResource | undefined {
    return this.#read(this.#fileOf(type, id));
  }

  put(resource: CloudResource): void {
    this.#write(this.#fileOf(resource.type, resource.id), resource);
  }

  remove({ type, id }: Pick<CloudResource, "type" | "id">): void {
    rmSync(this.#fileOf(type, id), { force: true });
  }

  /** Has a failure happen once. */
  fail(fault: CloudFault): void {
    this.#write(join(this.#folder, "faults", `${fingerprint(JSON.stringify(fault))}.json`), fault);
  }

  /** Faults that have not happened yet. */
  faults(): readonly CloudFault[] {
    const folder = join(this.#folder, "faults");
    return readdirSync(folder).flatMap((name) => this.#read<CloudFault>(join(folder, name)) ?? []);
  }

  /** The failure that is to happen now, which then has happened. `nth`: counts the type's changes in this process. */
  takeFault(type: string, operation: CloudFault["operation"], nth: number): CloudFault | undefined {
    const due = this.faults().find(
      (fault) => fault.type === type && fault.operation === operation && (fault.nth ?? 1) === nth,
    );
    if (due !== undefined) rmSync(join(this.#folder, "faults", `${fingerprint(JSON.stringify(due))}.json`));
    return due;
  }

  #fileOf(type: string, id: string): string {
    return join(this.#folder, "resources", `${fingerprint(`${type} ${id}`)}.json`);
  }

  #read<T>(file: string): T | undefined {
    try {
      return JSON.parse(readFileSync(file, "utf8")) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  #write(file: string, value: unknown): void {
    const beside = `${file}.${process.pid}`;
    writeFileSync(beside, JSON.stringify(value, null, 2));
    renameSync(beside, file);
  }
}

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}
