import { isIP } from "node:net";
import { parseKmsEndpoint } from "../crypto/kms/kms-endpoint.js";
import { isKmsKeyName } from "../crypto/kms/kms-key-name.js";
import { ALLOWED_DESTINATION_WORDS, isAllowedDestination } from "../destination/guard/allowed-destinations.js";
import { parseOutboundProxy } from "../destination/outbound-proxy.js";
import type { Setting, TextFormat } from "./settings.js";

/** A format of text: what it must look like, in words that continue "must be …", and its check. */
interface Format {
  readonly words: string;
  readonly accepts: (text: string) => boolean;
}

export const FORMATS: Readonly<Record<TextFormat, Format>> = {
  uuid: {
    words: "a lower-case UUID",
    accepts: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text),
  },
  "http-url": {
    words: "an http or https URL without query",
    accepts: (text) => {
      if (!URL.canParse(text)) return false;
      const { protocol, search, hash } = new URL(text);
      return ["http:", "https:"].includes(protocol) && search === "" && hash === "";
    },
  },
  "postgres-url": {
    words: "a postgresql:// URL",
    accepts: (text) => /^postgres(ql)?:\/\/\S+$/.test(text),
  },
  "database-host": {
    words: "a host name or address, with or without :port, or the folder of a Unix socket",
    accepts: (text) =>
      text.startsWith("/") || isIP(text) === 6 || /^(\[[0-9a-f:.]+\]|[^\s:/@?#[\]]+)(:\d{1,5})?$/i.test(text),
  },
  "role-name": {
    words: "the name of a role, of lower-case letters, digits and _",
    accepts: (text) => /^[a-z_][a-z0-9_]{0,62}$/.test(text),
  },
  "login-name": {
    // PostgreSQL cuts a longer name off without a word.
    words: "names of logins, comma-separated, each of at most 63 bytes",
    accepts: (text) => /^[^\s,"]+$/.test(text) && Buffer.byteLength(text) <= 63,
  },
  address: {
    words: "an IP address of this machine, or localhost",
    accepts: (text) => isIP(text) !== 0 || text === "localhost",
  },
  network: {
    words: "IP addresses or networks (10.0.0.0/8), comma-separated",
    accepts: (text) => {
      const [address = "", bits, more] = text.split("/");
      const kind = isIP(address);
      if (kind === 0 || more !== undefined) return false;
      return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128));
    },
  },
  "allowed-destination": {
    words: ALLOWED_DESTINATION_WORDS,
    accepts: isAllowedDestination,
  },
  "proxy-url": {
    words: "an http or https URL of host and port, with or without user name and password",
    accepts: (text) => parseOutboundProxy(text) !== undefined,
  },
  "kms-key": {
    words: "the full name of a key in Cloud KMS, without a version",
    accepts: isKmsKeyName,
  },
  "kms-endpoint": {
    words: "a host name or address, with or without :port; without TLS (http://) on this machine only",
    accepts: (text) => parseKmsEndpoint(text) !== undefined,
  },
  "bcrypt-secret": {
    // bcrypt takes 72 bytes and would silently ignore the rest.
    words: "16 to 72 bytes long",
    accepts: (text) => Buffer.byteLength(text) >= 16 && Buffer.byteLength(text) <= 72,
  },
};

/** The JSON Schema of the configuration object. Empty text means "not set" and passes every format. */
export function configSchema(settings: readonly Setting[]): object {
  return {
    type: "object",
    additionalProperties: false,
    required: settings.map(({ key }) => key),
    properties: Object.fromEntries(settings.map((setting) => [setting.key, valueSchema(setting)])),
  };
}

function valueSchema(setting: Setting): object {
  switch (setting.type) {
    case "string":
      return { type: "string", ...(setting.format === undefined ? {} : { format: setting.format }) };
    case "choice":
      return { type: "string", enum: setting.choices };
    case "boolean":
      return { type: "boolean" };
    case "list":
      return { type: "array", items: { type: "string", format: setting.format } };
    default:
      return { type: "integer", minimum: setting.min, maximum: setting.max };
  }
}
