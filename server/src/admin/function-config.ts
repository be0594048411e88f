import { FUNCTION } from "@relay/provider-schema";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { sealSecrets } from "../attributes/seal-secrets.js";
import type { RelayFunction } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { functionVariables, variableNames, variablePath, variableSecrets } from "../executions/function-variables.js";
import { updateFunctions } from "../store/functions.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { quoted } from "./find.js";
import { requireFunction, requireFunctionRights } from "./find-function.js";
import { recordAudit } from "./record-audit.js";
import { tokenOf } from "./request-token.js";
import { VARIABLE_SCHEMA, type VariableBody } from "./schemas/function.js";

const validate = bodyValidator<VariableBody>("a variable", VARIABLE_SCHEMA);
const MAX_VARIABLES = 100;

/**
 * GET and PUT /v1/functions/{id}/config; DELETE /v1/functions/{id}/config/{key}. Unlike the classic API it never returns what
 * a variable holds: `value` is empty.
 */
export function functionConfigRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, settingSealer } = services;

  /** Writes what `change` makes of the variables, and who did it. */
  async function write(
    request: FastifyRequest,
    reference: string,
    { key, change }: { key: string; change: (of: RelayFunction) => Readonly<Record<string, string>> },
  ): Promise<string> {
    const { id } = requireFunction(catalog, reference);
    await changes.run([id], async (client) => {
      const { secrets: _, createdAt: __, updatedAt: ___, ...before } = requireFunction(catalog, id);
      const after = variableSecrets(change(requireFunction(catalog, id)));
      const sealed = sealSecrets(settingSealer, { table: "function", id }, after);
      await updateFunctions(client, [{ ...before, sealed }]);
      await recordAudit(client, request, {
        action: "update",
        resource: FUNCTION.name,
        objectId: id,
        path: [before.name],
        diff: [{ path: variablePath(key), secret: true }],
      });
    });
    return id;
  }

  async function remove(request: FastifyRequest, reference: string, key: string): Promise<object> {
    requireFunctionRights(tokenOf(request));
    await write(request, reference, {
      key,
      change: (of) => {
        const { [key]: gone, ...rest } = functionVariables(of);
        if (gone !== undefined) return rest;
        throw new RelayError("not-found", `The function ${quoted(of.name)} has no variable ${quoted(key)}.`);
      },
    });
    return {};
  }

  app.get<{ Params: { function: string } }>("/v1/functions/:function/config", async (request) => {
    requireFunctionRights(tokenOf(request));
    const of = requireFunction(catalog, request.params.function);
    return variableNames(of).map((key) => variableView(of.id, key));
  });

  app.put<{ Params: { function: string } }>("/v1/functions/:function/config", async (request) => {
    requireFunctionRights(tokenOf(request));
    const { key, value = "" } = validate(request.body);
    const id = await write(request, request.params.function, {
      key,
      change: (of) => {
        const variables = { ...functionVariables(of), [key]: value };
        if (Object.keys(variables).length <= MAX_VARIABLES) return variables;
        throw new RelayError("precondition", `A function has at most ${MAX_VARIABLES} variables. Delete one first.`);
      },
    });
    return variableView(id, key);
  });

  app.delete<{ Params: { function: string; key: string } }>("/v1/functions/:function/config/:key", (request) =>
    remove(request, request.params.function, request.params.key),
  );

  // Older Go clients encode the slashes of this path, too.
  app.delete<{ Params: { path: string } }>("/:path(^v1/functions/[^/]+/config/[^/]+$)", (request) => {
    const [, , reference = "", , key = ""] = request.params.path.split("/");
    return remove(request, reference, key);
  });
}

function variableView(functionId: string, key: string): object {
  return { key, value: "", function_id: functionId };
}
