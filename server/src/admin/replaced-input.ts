import type { InputBody } from "@relay/provider-schema";
import type { InputFields } from "../store/inputs.js";

/** Clients that send a name send everything that is not a default: what is absent goes back to its default. */
export function replacedInput(body: InputBody): Omit<InputFields, "name" | "managedBy"> {
  return {
    description: body.description ?? "",
    statusCode: body.status_code ?? 0,
    headers: body.headers ?? {},
    body: body.body ?? "",
  };
}
