import type { DataSource } from "../model.js";

export const SERVER_DATA: DataSource = {
  name: "server",
  doc: "The server that the provider talks to.",
  attributes: {
    version: { kind: { type: "string" }, presence: "computed", doc: "Version of the server." },
    public_url: {
      kind: { type: "string" },
      presence: "computed",
      doc: "Base of the addresses that senders post to, without a slash at the end.",
    },
  },
};
