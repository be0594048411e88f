import { FUNCTION_REFERENCES } from "../attributes/function-references.js";
import type { Catalog } from "../catalog/catalog.js";

/** Addresses of the inputs, outputs and crons that name a function, such as `input github/push`. */
export function functionUsers(catalog: Catalog, functionId: string): string[] {
  return catalog.buckets().flatMap((bucket) => {
    const using = (kind: string, objects: readonly { readonly name: string; readonly settings: object }[]) =>
      objects
        .filter(({ settings }) => {
          const own = settings as Readonly<Record<string, unknown>>;
          return FUNCTION_REFERENCES.some((attribute) => own[attribute] === functionId);
        })
        .map(({ name }) => `${kind} ${bucket.name}/${name}`);
    return [...using("input", bucket.inputs), ...using("output", bucket.outputs), ...using("cron", bucket.crons)];
  });
}
