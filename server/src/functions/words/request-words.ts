import { formFields, queryFields } from "../form-fields.js";
import { bytes, headerText, text } from "../guest-value.js";
import type { Word } from "./word.js";

/** Reading and changing the request. */
export const REQUEST_WORDS: Readonly<Record<string, Word>> = {
  method: (run) => run.method,
  path: (run) => run.path,
  rawQuery: (run) => run.rawQuery,
  bodyText: (run) => text(run.body, "the body"),
  bodyBytes: (run) => run.body,
  header: (run, [name]) => {
    const values = run.headers.values(headerText(name, "the header name"));
    return values.length === 0 ? undefined : { latin1: values.join(", ") };
  },
  headerValues: (run, [name]) => ({
    latin1: JSON.stringify(run.headers.values(headerText(name, "the header name"))),
  }),
  headerNames: (run) => ({ latin1: run.headers.names().join("\n") }),
  query: (run) => JSON.stringify(queryFields(run.rawQuery)),
  formData: (run) => JSON.stringify(formFields(run.headers.values("content-type")[0] ?? "", run.body)),
  metadata: (run) => JSON.stringify(run.metadata),
  setMethod: (run, [value]) => {
    run.method = text(value, "the method");
    return undefined;
  },
  setPath: (run, [value]) => {
    run.path = text(value, "the path");
    return undefined;
  },
  setRawQuery: (run, [value]) => {
    run.rawQuery = text(value, "the query");
    return undefined;
  },
  setBody: (run, [value]) => {
    run.body = bytes(value, "the body");
    return undefined;
  },
  setHeader: (run, [name, value]) => {
    run.setHeader(headerText(name, "the header name"), headerText(value, "the header value"));
    return undefined;
  },
  deleteHeader: (run, [name]) => {
    run.headers.delete(headerText(name, "the header name"));
    return undefined;
  },
};
