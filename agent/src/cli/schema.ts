import { manifestSchema, SCHEMA } from "@relay/provider-schema";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { printJson, type Terminal } from "./terminal.js";

/** `relay schema manifest`: what editors complete and check manifests by. */
export function manifestSchemaCommand(terminal: Terminal): ExitCode {
  printJson(terminal, manifestSchema(SCHEMA.resources));
  return EXIT.ok;
}
