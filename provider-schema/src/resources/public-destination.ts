import type { Attribute, Attributes } from "../model.js";

const seconds = (doc: string): Attribute => ({
  kind: { type: "integer", minimum: 0, maximum: 180 },
  presence: { default: 0 },
  unit: "seconds",
  doc,
});

const sealed = (doc: string, check?: Attribute["check"]): Attribute => ({
  kind: { type: "string", maxLength: 65_536 },
  presence: "optional",
  ...(check === undefined ? {} : { check }),
  secret: "given",
  sealed: true,
  doc: `${doc} Kept encrypted, never shown.`,
});

/** Attributes of outputs that the server calls itself; agents know nothing of them. */
export const PUBLIC_DESTINATION: Attributes = {
  tls: {
    presence: "optional",
    combination: "tls",
    doc: "How a public destination and the server know each other. Certificates are checked when `tls_verification` is true.",
    kind: {
      type: "object",
      attributes: {
        ca: {
          kind: { type: "string", maxLength: 262_144 },
          presence: { default: "" },
          check: "certificates",
          doc: "Authorities of the destination's certificate (PEM), in place of the public ones.",
        },
        server_name: {
          kind: { type: "string", maxLength: 253 },
          presence: { default: "" },
          check: "hostName",
          example: "hooks.example.com",
          doc: "Name that the server asks for and that the certificate must have, in place of the URL's host.",
        },
        client_certificate: {
          kind: { type: "string", maxLength: 262_144 },
          presence: { default: "" },
          check: "certificates",
          doc: "Certificate chain (PEM) by which the server shows who it is, with `client_key`.",
        },
        client_key: sealed("Its private key (PEM).", "privateKey"),
      },
    },
  },
  authentication: {
    presence: "optional",
    combination: "authentication",
    doc: "What the server shows a public destination to be let in, in place of what the sender's webhook carried.",
    kind: {
      type: "object",
      attributes: {
        type: {
          kind: { type: "string", oneOf: ["basic", "bearer", "header"] },
          presence: "required",
          doc: "`basic`: user name and password (RFC 7617); `bearer`: a token (RFC 6750); `header`: a token in a field of its own.",
        },
        username: {
          kind: { type: "string", maxLength: 200 },
          presence: { default: "" },
          check: "username",
          example: "relay",
          doc: "User name for `basic`.",
        },
        password: sealed("Password for `basic`."),
        token: sealed("Token for `bearer` and `header`.", "fieldValue"),
        header: {
          kind: { type: "string", maxLength: 200 },
          presence: { default: "" },
          check: "fieldName",
          example: "X-Api-Key",
          doc: "Name of the field for `header`.",
        },
      },
    },
  },
  signing: {
    presence: "optional",
    combination: "signing",
    doc: "A signature by which a public destination can tell that a call comes from this relay and was not changed.",
    kind: {
      type: "object",
      attributes: {
        type: {
          kind: { type: "string", oneOf: ["standard-webhooks", "hmac"] },
          presence: "required",
          doc: "`standard-webhooks`: the fields webhook-id, webhook-timestamp, webhook-signature; `hmac`: a keyed hash of the body.",
        },
        secret: sealed("The key. For `standard-webhooks`, `whsec_` and base64."),
        previous_secret: sealed(
          "The key before it, which signs as well while destinations change over; for `standard-webhooks`.",
        ),
        header: {
          kind: { type: "string", maxLength: 200 },
          presence: { default: "" },
          check: "fieldName",
          example: "X-Signature-256",
          doc: "Name of the field for `hmac`.",
        },
        prefix: {
          kind: { type: "string", maxLength: 100 },
          presence: { default: "" },
          check: "fieldValue",
          example: "sha256=",
          doc: "What stands before the hash, for `hmac`.",
        },
        algorithm: {
          kind: { type: "string", oneOf: ["sha1", "sha256", "sha512"] },
          presence: { default: "sha256" },
          doc: "Hash function for `hmac`.",
        },
        encoding: {
          kind: { type: "string", oneOf: ["hex", "base64"] },
          presence: { default: "hex" },
          doc: "How the hash is written, for `hmac`.",
        },
      },
    },
  },
  timeouts: {
    presence: "optional",
    doc: "How long each phase of a call to a public destination may take, all within `timeout`; 0 is the default.",
    kind: {
      type: "object",
      attributes: {
        dns: seconds("Until the name is resolved; 5 by default."),
        connect: seconds("Until the connection stands; 10 by default."),
        tls: seconds("For the TLS handshake; 10 by default."),
        headers: seconds("From the request to the answer's header section; `timeout` by default."),
        body: seconds("From there to the end of the answer; `timeout` by default."),
      },
    },
  },
};
