import type { FastifyInstance } from "fastify";
import { isLimitedToBuckets, mayUseBucket } from "../auth/token-scope.js";
import type { Token } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { openDetail } from "../executions/execution-seal.js";
import { isUuid } from "../ids.js";
import { countExecutions, type ExecutionRow, selectExecution, selectExecutions } from "../store/executions.js";
import type { AdminServices } from "./admin-services.js";
import { executionView } from "./execution-view.js";
import { quoted } from "./find.js";
import { requireFunction, requireFunctionRights } from "./find-function.js";
import { wholeNumber } from "./log-query.js";
import { tokenOf } from "./request-token.js";

const LIMIT = { fallback: 50, min: 1, max: 200 };
const OFFSET = { fallback: 0, min: 0, max: 10_000 };
const MAX_COUNTED = 10_000;

/** GET /v1/functions/{id}/logs and /v1/functions/{id}/logs/{log}, newest first; GET /v1/exec-logs/{log} of any function. */
export function functionLogRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, pool, executions } = services;
  const view = async (row: ExecutionRow) => executionView(row, await openDetail(services, row));

  app.get<{ Params: { function: string }; Querystring: { limit?: string; offset?: string } }>(
    "/v1/functions/:function/logs",
    async (request) => {
      requireFunctionRights(tokenOf(request));
      const { id } = requireFunction(catalog, request.params.function);
      const limit = wholeNumber("limit", request.query.limit, LIMIT);
      const offset = wholeNumber("offset", request.query.offset, OFFSET);
      // Who has just invoked it sees that.
      await executions.written();
      const rows = await selectExecutions(pool, id, { limit, offset });
      const total = await countExecutions(pool, id, MAX_COUNTED);
      return { execute_logs: await Promise.all(rows.map(view)), limit, offset, total };
    },
  );

  app.get<{ Params: { function: string; id: string } }>("/v1/functions/:function/logs/:id", async (request) => {
    requireFunctionRights(tokenOf(request));
    const of = requireFunction(catalog, request.params.function);
    const row = await find(services, request.params.id);
    if (row?.functionId !== of.id) throw noLog(request.params.id);
    return view(row);
  });

  /** For tokens with bucket scopes, too: of the webhooks of their buckets. */
  app.get<{ Params: { id: string } }>("/v1/exec-logs/:id", async (request) => {
    const row = await find(services, request.params.id);
    if (row === undefined || !maySee(services, tokenOf(request), row)) throw noLog(request.params.id);
    return view(row);
  });
}

async function find({ pool, executions }: AdminServices, id: string): Promise<ExecutionRow | undefined> {
  if (!isUuid(id)) return undefined;
  await executions.written();
  return selectExecution(pool, id);
}

function maySee({ catalog }: AdminServices, token: Token, { bucketId }: ExecutionRow): boolean {
  if (!isLimitedToBuckets(token)) return true;
  const bucket = bucketId === null ? undefined : catalog.bucket(bucketId);
  return bucket !== undefined && mayUseBucket(token, bucket);
}

function noLog(id: string): RelayError {
  return new RelayError("not-found", `There is no execution ${quoted(id)}, or retention has removed it.`);
}
