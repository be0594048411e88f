import { randomUUID } from "node:crypto";
import { type DeclaredObject, objectKey, type PlannedChange } from "@relay/provider-schema";
import { FUNCTION_REFERENCES } from "../../attributes/function-references.js";
import type { Execution, MadeIds } from "../execution.js";

/** What the rows of planned objects are made of. */
export class PlanWork {
  readonly execution: Execution;
  /** Ids of the objects that are made. */
  readonly made: MadeIds;
  readonly #declared: ReadonlyMap<string, DeclaredObject>;

  constructor(execution: Execution) {
    this.execution = execution;
    this.made = new Map(execution.changes.filter(isMade).map((change) => [objectKey(change), randomUUID()]));
    this.#declared = new Map(execution.declared.map((object) => [objectKey(object), object]));
  }

  id(change: PlannedChange): string {
    const id = this.made.get(objectKey(change)) ?? change.id;
    if (id === undefined) throw new Error("manifest: a change without an id");
    return id;
  }

  /** What the row of every object has. */
  common({ path }: PlannedChange): { readonly name: string; readonly managedBy: string } {
    return { name: path.at(-1) ?? "", managedBy: this.execution.owner };
  }

  bucketId({ path }: PlannedChange): string {
    const [bucket = ""] = path;
    const id =
      this.made.get(objectKey({ resource: "bucket", path: [bucket] })) ??
      this.execution.catalog.bucketByName(bucket)?.id;
    if (id === undefined) throw new Error("manifest: an object without its bucket");
    return id;
  }

  /** Settings that name functions, with their ids. */
  withFunctionId<T extends object>(settings: T): T {
    const given = settings as Readonly<Record<string, unknown>>;
    const ids = FUNCTION_REFERENCES.flatMap((attribute): [string, string][] => {
      const name = given[attribute];
      return typeof name === "string" && name !== "" ? [[attribute, this.#functionId(name)]] : [];
    });
    return { ...settings, ...Object.fromEntries(ids) };
  }

  #functionId(name: string): string {
    const id =
      this.made.get(objectKey({ resource: "function", path: [name] })) ??
      this.execution.catalog.functionByName(name)?.id;
    if (id === undefined) throw new Error("manifest: a function that is not there");
    return id;
  }

  /** What is declared of the object, in the form of a body of the API. */
  values<T>(change: PlannedChange): T {
    const declared = this.#declared.get(objectKey(change));
    if (declared === undefined) throw new Error("manifest: a change of what is not declared");
    return declared.values as T;
  }
}

/** Whether the change makes a new object. */
export function isMade({ action }: PlannedChange): boolean {
  return action === "create" || action === "replace";
}
