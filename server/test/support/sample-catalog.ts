import { randomUUID } from "node:crypto";
import type { Bucket, Input, Output, Token } from "../../src/catalog/model.js";

/** A token that may do everything. */
export function sampleToken(fields: Partial<Token> = {}): Token {
  return {
    id: "token",
    managedBy: "",
    name: null,
    description: "",
    secretHash: "",
    secretCreatedAt: 0,
    secretUsedAt: null,
    secretByItself: false,
    oldSecret: null,
    active: true,
    apiAccess: true,
    accountKey: false,
    scopeBuckets: [],
    scopeTunnels: [],
    expiresAt: 0,
    lastLoginAt: null,
    createdAt: 0,
    updatedAt: 0,
    ...fields,
  };
}

/** An output that one agent serves. */
export function sampleOutput(fields: Partial<Output> = {}): Output {
  return {
    id: "output",
    managedBy: "",
    bucketId: "bucket",
    name: "out",
    description: "",
    destination: "http://localhost:1",
    internal: true,
    disabled: false,
    lockPath: false,
    headers: {},
    timeoutSeconds: 0,
    tlsVerification: true,
    agents: "one",
    settings: {},
    secrets: {},
    createdAt: 0,
    updatedAt: 0,
    ...fields,
  };
}

export function sampleInput(fields: Partial<Input> = {}): Input {
  return {
    id: randomUUID(),
    managedBy: "",
    bucketId: randomUUID(),
    name: "in",
    description: "",
    statusCode: 0,
    headers: {},
    body: "",
    settings: {},
    secrets: {},
    createdAt: 0,
    updatedAt: 0,
    ...fields,
  };
}

/** A bucket without inputs and outputs. */
export function sampleBucket(fields: Partial<Bucket> = {}): Bucket {
  return {
    id: "bucket",
    managedBy: "",
    name: "bucket",
    description: "",
    auth: { type: "none" },
    stream: true,
    ephemeral: false,
    largeWebhooks: false,
    createdAt: 0,
    updatedAt: 0,
    inputs: [],
    outputs: [],
    crons: [],
    ...fields,
  };
}
