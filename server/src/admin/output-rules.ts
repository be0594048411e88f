import { OUTPUT, type Values } from "@relay/provider-schema";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { sealSecrets } from "../attributes/seal-secrets.js";
import { OUTPUT_SETTINGS } from "../attributes/setting-attributes.js";
import { replacedSettings } from "../attributes/settings.js";
import { updateOutput } from "../store/outputs.js";
import type { AdminServices } from "./admin-services.js";
import { auditChange } from "./audit-change.js";
import { bodyValidator } from "./body-validator.js";
import { requireBucket, requireOutput } from "./find.js";
import { outputView } from "./output-view.js";
import { tokenOf } from "./request-token.js";

type RulesRequest = FastifyRequest<{ Params: { bucket: string; output: string } }>;

/** The tree is the whole body: checked as the attribute, so that a problem has the same path. */
const validate = bodyValidator<{ rules?: unknown }>("a tree of rules", {
  type: "object",
  properties: { rules: { check: "rules" } },
});

/**
 * PUT and DELETE /v1/buckets/{id}/outputs/{output}/rules: the rules of an output alone. The body is the tree; {} is none.
 * Both answer with the output.
 */
export function outputRulesRoutes(app: FastifyInstance, { catalog, changes, settingSealer }: AdminServices): void {
  const change = async (request: RulesRequest, rules: unknown): Promise<object> => {
    const token = tokenOf(request);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const id = await changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const output = requireOutput(bucket, request.params.output);
      const written = { ...output.settings, rules } as Values;
      const { settings } = replacedSettings(OUTPUT_SETTINGS, written, output.secrets);
      const { secrets, createdAt: _, updatedAt: __, ...fields } = output;
      const sealed = sealSecrets(settingSealer, { table: "output", id: output.id }, secrets);
      await updateOutput(client, { ...fields, settings, sealed });
      await auditChange(client, request, OUTPUT, {
        id: output.id,
        path: [bucket.name, output.name],
        before: outputView(output),
        after: outputView({ ...output, settings }),
      });
      return output.id;
    });
    return outputView(requireOutput(requireBucket(catalog, token, bucketId), id));
  };

  const path = "/v1/buckets/:bucket/outputs/:output/rules";
  app.put(path, async (request: RulesRequest) => change(request, validate({ rules: request.body }).rules ?? null));
  app.delete(path, async (request: RulesRequest) => change(request, null));
}
