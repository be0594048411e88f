import type { Catalog } from "../catalog/catalog.js";
import type { Bucket, Input } from "../catalog/model.js";
import { isUuid } from "../ids.js";

/** Every input's address begins with this. */
export const INGRESS_PATH = "/v1/webhooks/";

/** Where a request goes. */
export interface Target {
  /** As it stands in the path; may be anything. */
  readonly inputId: string;
  readonly path: string;
  readonly query: string;
  readonly hasQuery: boolean;
  readonly known: { readonly input: Input; readonly bucket: Bucket } | undefined;
}

/** Takes a request's URL apart, without decoding anything of it. It begins with `INGRESS_PATH`. */
export function parseTarget(url: string, catalog: Pick<Catalog, "input">): Target {
  const question = url.indexOf("?");
  const pathEnd = question < 0 ? url.length : question;
  const slash = url.indexOf("/", INGRESS_PATH.length);
  const idEnd = slash < 0 || slash > pathEnd ? pathEnd : slash;
  const inputId = url.slice(INGRESS_PATH.length, idEnd);
  return {
    inputId,
    path: url.slice(idEnd, pathEnd),
    query: question < 0 ? "" : url.slice(question + 1),
    hasQuery: question >= 0,
    known: isUuid(inputId) ? catalog.input(inputId) : undefined,
  };
}
