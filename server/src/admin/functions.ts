import { randomUUID } from "node:crypto";
import { FUNCTION, type FunctionBody } from "@relay/provider-schema";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { sealSecrets } from "../attributes/seal-secrets.js";
import { changedSettingSecrets } from "../attributes/settings.js";
import type { RelayFunction } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { variableSecrets } from "../executions/function-variables.js";
import {
  deleteFunctions,
  type FunctionFields,
  insertFunctions,
  updateFunctions,
  type WrittenFunction,
} from "../store/functions.js";
import type { AdminServices } from "./admin-services.js";
import { auditChange } from "./audit-change.js";
import { bodyValidator } from "./body-validator.js";
import { quoted } from "./find.js";
import { requireFunction, requireFunctionRights } from "./find-function.js";
import { payloadFor, sourceOf } from "./function-payload.js";
import { functionUsers } from "./function-users.js";
import { functionView } from "./function-view.js";
import { managedByOf } from "./managed-by.js";
import { replacedFunction } from "./replaced-function.js";
import { tokenOf } from "./request-token.js";
import { requireName } from "./require-name.js";
import { requireSource } from "./require-source.js";
import { FUNCTION_SCHEMA } from "./schemas/function.js";

const validate = bodyValidator<FunctionBody>("a function", FUNCTION_SCHEMA);

/** Users of a function that a refusal names. */
const NAMED_USERS = 10;

interface ByReference {
  Params: { function: string };
}

/** GET and POST /v1/functions; GET, PUT and DELETE /v1/functions/{id or name}. For tokens without bucket scopes only. */
export function functionRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, functions, settingSealer } = services;
  const shown = (of: RelayFunction, request: FastifyRequest) => functionView(of, payloadFor(of.source, request));
  const written = (id: string, { secrets, ...fields }: FunctionFields): WrittenFunction => ({
    ...fields,
    id,
    sealed: sealSecrets(settingSealer, { table: "function", id }, secrets),
  });

  app.get("/v1/functions", async (request) => {
    requireFunctionRights(tokenOf(request));
    return catalog.functions().map((each) => shown(each, request));
  });

  app.get<ByReference>("/v1/functions/:function", async (request) => {
    requireFunctionRights(tokenOf(request));
    return shown(requireFunction(catalog, request.params.function), request);
  });

  app.post("/v1/functions", async (request, reply) => {
    requireFunctionRights(tokenOf(request));
    const body = readBody(request);
    if (body.payload === undefined) throw new RelayError("invalid", "payload: is required; the source of the function");
    const fields: FunctionFields = {
      ...replacedFunction(body, { source: body.payload, secrets: {} }),
      name: requireName(body.name),
      managedBy: managedByOf(request) ?? "",
    };
    await requireSource(functions, fields);
    const id = randomUUID();
    await changes.run([id], async (client) => {
      await insertFunctions(client, [written(id, fields)]);
      await auditChange(client, request, FUNCTION, {
        id,
        path: [fields.name],
        after: functionView({ id, ...fields, createdAt: 0, updatedAt: 0 }),
        secrets: Object.keys(fields.secrets),
      });
    });
    reply.code(201);
    return shown(requireFunction(catalog, id), request);
  });

  app.put<ByReference>("/v1/functions/:function", async (request) => {
    requireFunctionRights(tokenOf(request));
    const body = readBody(request);
    const managedBy = managedByOf(request);
    const known = requireFunction(catalog, request.params.function);
    const { id } = known;
    // Not under the catalog's lock: it takes its time.
    if (body.payload !== undefined || body.driver !== undefined) await requireSource(functions, changed(body, known));
    await changes.run([id], async (client) => {
      const before = requireFunction(catalog, id);
      const fields = { ...changed(body, before), managedBy: managedBy ?? before.managedBy };
      await updateFunctions(client, [written(id, fields)]);
      await auditChange(client, request, FUNCTION, {
        id,
        path: [before.name],
        before: functionView(before),
        after: functionView({ ...before, ...fields }),
        secrets: changedVariables(before, fields),
      });
    });
    return shown(requireFunction(catalog, id), request);
  });

  app.delete<ByReference>("/v1/functions/:function", async (request) => {
    requireFunctionRights(tokenOf(request));
    const { id } = requireFunction(catalog, request.params.function);
    await changes.run([id], async (client) => {
      const { name } = requireFunction(catalog, id);
      refuseUsed(name, functionUsers(catalog, id));
      await deleteFunctions(client, [id]);
      await auditChange(client, request, FUNCTION, { id, path: [name], before: {} });
    });
    return {};
  });
}

function readBody(request: FastifyRequest): FunctionBody {
  const { body } = request;
  // Before it is checked: the limit is that of the source.
  if (typeof body === "object" && body !== null && "payload" in body && typeof body.payload === "string") {
    return validate({ ...body, payload: sourceOf(body.payload, request) });
  }
  return validate(body);
}

/** Clients that send no name change only what they send. */
function changed(body: FunctionBody, before: RelayFunction): Omit<FunctionFields, "managedBy"> {
  if (body.name !== undefined) return { ...replacedFunction(body, before), name: body.name };
  return {
    name: before.name,
    description: body.description ?? before.description,
    driver: body.driver ?? before.driver,
    source: body.payload ?? before.source,
    secrets: body.variables === undefined ? before.secrets : variableSecrets(body.variables),
  };
}

/** Paths of the variables that are new, others than they were, or gone. */
function changedVariables(before: RelayFunction, after: Pick<RelayFunction, "secrets">): string[] {
  const gone = Object.keys(before.secrets).filter((path) => !Object.hasOwn(after.secrets, path));
  return [...changedSettingSecrets(before.secrets, after.secrets), ...gone];
}

function refuseUsed(name: string, users: readonly string[]): void {
  if (users.length === 0) return;
  const more = users.length > NAMED_USERS ? ` and ${users.length - NAMED_USERS} more` : "";
  throw new RelayError(
    "precondition",
    `The function ${quoted(name)} is used by ${users.slice(0, NAMED_USERS).join(", ")}${more}. Take it out there first.`,
  );
}
