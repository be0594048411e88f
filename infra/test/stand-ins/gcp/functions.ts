import type { CloudFolder, CloudValue, CloudValues } from "./cloud-folder.js";

type Answer = (args: CloudValues, cloud: CloudFolder) => CloudValues;

/** What functions answer, as far as it matters. What else their typings promise is made up. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  "organizations/getClientConfig:getClientConfig": (_, { settings }) => ({
    id: "client",
    project: settings.project.id,
    accessToken: settings.cluster?.token ?? "ya29.of-nobody",
  }),
  "organizations/getProject:getProject": ({ projectId }, { settings }) => {
    if (projectId !== undefined && projectId !== settings.project.id) throw notFound(`project ${projectId}`);
    const { id, number } = settings.project;
    return { id: `projects/${id}`, projectId: id, number, name: id };
  },
  "kms/getKMSCryptoKeyVersion:getKMSCryptoKeyVersion": ({ cryptoKey, version }, cloud) => {
    const key = cloud.find("gcp:kms/cryptoKey:CryptoKey", String(cryptoKey));
    if (key === undefined) throw notFound(`key ${cryptoKey}`);
    const name = `${key.id}/cryptoKeyVersions/${version ?? 1}`;
    const template = key.inputs.versionTemplate as CloudValues | undefined;
    const algorithm = template?.algorithm ?? "GOOGLE_SYMMETRIC_ENCRYPTION";
    const publicKeys: CloudValue = key.inputs.purpose === "ASYMMETRIC_SIGN" ? [{ algorithm, pem: PUBLIC_KEY }] : [];
    return {
      id: `//cloudkms.googleapis.com/v1/${name}`,
      name,
      state: "ENABLED",
      version: version ?? 1,
      algorithm,
      publicKeys,
    };
  },
  "secretmanager/getSecretVersion:getSecretVersion": ({ secret, version }, cloud) => {
    const versions = cloud
      .ofType("gcp:secretmanager/secretVersion:SecretVersion")
      .filter(({ id }) => id.includes(`/secrets/${String(secret).split("/").at(-1)}/versions/`))
      .filter(({ state }) => version === undefined || version === "latest" || state.version === version);
    const found = versions.at(-1);
    if (found === undefined) throw notFound(`version ${version ?? "latest"} of secret ${secret}`);
    return {
      id: found.id,
      name: found.state.name ?? "",
      version: found.state.version ?? "",
      secretData: found.inputs.secretData ?? found.inputs.secretDataWo ?? "",
      enabled: true,
    };
  },
};

/** A P-256 key of nobody. */
const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----
`;

function notFound(what: string): Error {
  return new Error(`Error 404: there is no ${what}`);
}

/** Whether a function has an answer here. Token: as "gcp:organizations/getProject:getProject". */
export function functionAnswer(token: string): Answer | undefined {
  return ANSWERS[token.slice("gcp:".length)];
}
