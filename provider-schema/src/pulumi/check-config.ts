import { validateConfig } from "../engine/validate-config.js";
import type { ProviderSchema } from "../model.js";
import { attributeValues } from "./attribute-values.js";
import { checkFailures } from "./check-failures.js";
import { configAttributes } from "./provider-config.js";
import { secretProperties } from "./secret-properties.js";
import { decodeProperties } from "./wire/decode-properties.js";
import { encodeProperties } from "./wire/encode-properties.js";
import type { CheckRequest, CheckResponse } from "./wire/generated/pulumi_provider.js";

/** Settings of the engine's own for every provider. */
const OF_THE_ENGINE = new Set(["version", "pluginDownloadURL", "pluginChecksums"]);

/**
 * The provider's configuration with its secret as a secret, or everything that is wrong with it. What the environment says
 * is no part of it: it would get into the state.
 */
export function checkConfig(schema: ProviderSchema, request: CheckRequest): CheckResponse {
  const attributes = configAttributes(schema);
  const { values, secrets } = decodeProperties(request.news);
  const own = Object.fromEntries(Object.entries(values).filter(([name]) => !OF_THE_ENGINE.has(name)));
  const given = attributeValues(attributes, own);
  const failures = [
    ...checkFailures({}, given.problems),
    ...checkFailures(attributes, validateConfig(attributes, given.values)),
  ];
  return {
    inputs: encodeProperties({ values, secrets: [...secrets, ...secretProperties(attributes)] }),
    failures,
  };
}
