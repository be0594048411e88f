import { FunctionArgumentError, type ProviderFunction } from "../model.js";

export const INPUT_URL: ProviderFunction = {
  name: "input_url",
  doc: "The address that senders post to, of an input on a server.",
  parameters: [
    {
      name: "public_url",
      doc: "Base address of the server, for example `https://hooks.example.com`.",
      kind: { type: "string" },
    },
    { name: "input_id", doc: "Id of the input.", kind: { type: "string" } },
  ],
  result: { type: "string" },
  call: (publicUrl, inputId) => {
    const base = String(publicUrl);
    if (!/^https?:\/\//i.test(base) || !URL.canParse(base)) {
      throw new FunctionArgumentError(
        0,
        'must be an absolute http or https URL; for example "https://hooks.example.com"',
      );
    }
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(String(inputId))) {
      throw new FunctionArgumentError(1, "must be the id of an input, not its name");
    }
    return `${base.replace(/\/+$/, "")}/v1/webhooks/${String(inputId)}`;
  },
};
