import { apiBodySchema, FUNCTION } from "@relay/provider-schema";

export const FUNCTION_SCHEMA = apiBodySchema(FUNCTION);

/** Body of PUT /v1/functions/{id}/config. */
export interface VariableBody {
  readonly key: string;
  readonly value?: string;
}

export const VARIABLE_SCHEMA = {
  type: "object",
  required: ["key"],
  properties: {
    key: { type: "string", check: "variableName", hint: '"API_KEY"' },
    value: { type: "string", check: "variableValue" },
  },
};
