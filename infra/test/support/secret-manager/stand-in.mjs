// Stands in for Google's provider where a program needs Secret Manager alone. What is kept is in the file named by
// STAND_IN_SECRETS: secret name to the data of its versions, the newest last. A version's data is write-only: it goes into
// that file and into no output. Anything else that the program asks for is an error.
import { readFileSync, writeFileSync } from "node:fs";
import * as provider from "@pulumi/pulumi/provider/index.js";

const FILE = process.env.STAND_IN_SECRETS ?? "";
/** @returns {Record<string, string[]>} */
const secrets = () => JSON.parse(readFileSync(FILE, "utf8"));
/** @param {Record<string, string[]>} all */
const keep = (all) => writeFileSync(FILE, JSON.stringify(all), { mode: 0o600 });

/** @param {string} urn */
const typeOf = (urn) => urn.split("::").at(-2)?.split("$").at(-1) ?? "";

/** @type {Record<string, (inputs: any) => { id: string, outs: object }>} */
const CREATE = {
  "gcp:secretmanager/secret:Secret": (inputs) => {
    const id = `projects/${inputs.project}/secrets/${inputs.secretId}`;
    keep({ ...secrets(), [id]: [] });
    return { id, outs: { ...inputs, name: id } };
  },
  "gcp:secretmanager/secretVersion:SecretVersion": ({ secretDataWo, ...inputs }) => {
    const all = secrets();
    // The engine marks what is secret by wrapping it.
    const versions = [...(all[inputs.secret] ?? []), secretDataWo.value ?? secretDataWo];
    keep({ ...all, [inputs.secret]: versions });
    const id = `${inputs.secret}/versions/${versions.length}`;
    return { id, outs: { ...inputs, name: id, enabled: true } };
  },
  "gcp:secretmanager/secretIamMember:SecretIamMember": (inputs) => ({
    id: `${inputs.secretId}/${inputs.role}/${inputs.member}`,
    outs: inputs,
  }),
};

/** @param {unknown} value */
const text = (value) => JSON.stringify(value);

await provider.main(
  {
    version: "9.37.0",
    check: async (_urn, _olds, news) => ({ inputs: news }),
    diff: async (_id, _urn, olds, news) => {
      // Write-only data is no part of what is compared.
      const replaces = Object.keys(news).filter((key) => key !== "secretDataWo" && text(news[key]) !== text(olds[key]));
      return { changes: replaces.length > 0, replaces };
    },
    create: async (urn, inputs) => {
      const create = CREATE[typeOf(urn)];
      if (create === undefined) throw new Error(`Nothing here stands in for ${typeOf(urn)}.`);
      return create(inputs);
    },
    delete: async () => {},
    invoke: async (token, { project, secret }) => {
      if (token !== "gcp:secretmanager/getSecretVersionAccess:getSecretVersionAccess") {
        throw new Error(`Nothing here stands in for ${token}.`);
      }
      const versions = secrets()[`projects/${project}/secrets/${secret}`] ?? [];
      const secretData = versions.at(-1);
      if (secretData === undefined) throw new Error(`Secret ${secret} has no version.`);
      return { outputs: { project, secret, secretData, version: String(versions.length) } };
    },
  },
  process.argv.slice(2),
);
