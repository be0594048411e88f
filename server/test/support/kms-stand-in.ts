import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { protos } from "@google-cloud/kms";
import * as grpc from "@grpc/grpc-js";
import { crc32c } from "../../src/crypto/kms/crc32c.js";

const { EncryptRequest, EncryptResponse, DecryptRequest, DecryptResponse } = protos.google.cloud.kms.v1;

interface Version {
  readonly name: string;
  readonly secret: Buffer;
  enabled: boolean;
}

type Operation = "encrypt" | "decrypt";

/** A call as it came, and how it was answered. */
export interface KmsCall {
  readonly operation: Operation;
  readonly key: string;
  readonly code: number;
  /** What the caller identified itself by. */
  readonly authorization: string;
}

/**
 * A stand-in for the two calls of Cloud KMS that the server makes, over gRPC, without TLS unless told: real AES-256-GCM with key versions,
 * additional authenticated data and CRC32C, and the service's codes. Not Google's: no permissions but on or off, no quota.
 */
export class KmsStandIn {
  readonly calls: KmsCall[] = [];
  /** What was given to encrypt: the keys that must be seen nowhere else. */
  readonly plaintexts: Buffer[] = [];
  /** Refuses every call, as when the role was taken away. */
  denied = false;
  /** Milliseconds before each answer. */
  delayMs = 0;
  /** Flips a bit of what arrives, or of what is answered, behind its checksum's back. */
  corrupting: "request" | "answer" | undefined;
  /** Counts how many answers are damaged, then stops. */
  corruptions = Number.POSITIVE_INFINITY;
  readonly #keys = new Map<string, Version[]>();
  readonly #tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  #server: grpc.Server | undefined;
  #port = 0;

  private constructor(tls?: { readonly cert: Buffer; readonly key: Buffer }) {
    this.#tls = tls;
  }

  static async start(tls?: { readonly cert: Buffer; readonly key: Buffer }): Promise<KmsStandIn> {
    const standIn = new KmsStandIn(tls);
    await standIn.comeBack();
    return standIn;
  }

  /** The value of KMS_ENDPOINT. */
  get endpoint(): string {
    return this.#tls === undefined ? `http://127.0.0.1:${this.#port}` : `localhost:${this.#port}`;
  }

  /** A new key with one version; returns its full name. */
  addKey(name = randomBytes(4).toString("hex")): string {
    const key = `projects/stand-in/locations/europe-west1/keyRings/relay/cryptoKeys/${name}`;
    this.#keys.set(key, []);
    this.rotate(key);
    return key;
  }

  /** Gives the key a new primary version; returns its full name. */
  rotate(key: string): string {
    const versions = this.#versions(key);
    const name = `${key}/cryptoKeyVersions/${versions.length + 1}`;
    versions.push({ name, secret: randomBytes(32), enabled: true });
    return name;
  }

  /** Disables or enables one version, by its full name. */
  setEnabled(version: string, enabled: boolean): void {
    const found = [...this.#keys.values()].flat().find(({ name }) => name === version);
    if (found === undefined) throw new Error(`no version ${version}`);
    found.enabled = enabled;
  }

  /** Stops listening and cuts all connections. */
  goAway(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  /** Listens again, where it did before. */
  async comeBack(): Promise<void> {
    const server = new grpc.Server();
    server.addService(SERVICE, {
      encrypt: this.#handler("encrypt", (request: Buffer) => this.#encrypt(request)),
      decrypt: this.#handler("decrypt", (request: Buffer) => this.#decrypt(request)),
    });
    const credentials =
      this.#tls === undefined
        ? grpc.ServerCredentials.createInsecure()
        : grpc.ServerCredentials.createSsl(null, [{ cert_chain: this.#tls.cert, private_key: this.#tls.key }]);
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.#port}`, credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    this.#server = server;
  }

  #handler(operation: Operation, work: (request: Buffer) => Answer): grpc.handleUnaryCall<Buffer, Buffer> {
    return async (call, callback) => {
      if (this.delayMs > 0) await delay(this.delayMs);
      const { key, code, details, bytes } = this.denied ? denied(call.request, operation) : work(call.request);
      const authorization = String(call.metadata.get("authorization")[0] ?? "");
      this.calls.push({ operation, key, code, authorization });
      if (bytes === undefined) callback({ code, details: details ?? "" });
      else callback(null, bytes);
    };
  }

  #encrypt(bytes: Buffer): Answer {
    const request = EncryptRequest.decode(bytes);
    const { name: key } = request;
    const plaintext = this.#damaged("request", Buffer.from(request.plaintext as Uint8Array));
    const aad = Buffer.from(request.additionalAuthenticatedData as Uint8Array);
    if (sum(request.plaintextCrc32c) !== crc32c(plaintext)) return wrongSum(key, "plaintext");
    if (sum(request.additionalAuthenticatedDataCrc32c) !== crc32c(aad)) {
      return wrongSum(key, "additional_authenticated_data");
    }
    this.plaintexts.push(plaintext);
    const version = this.#keys.get(key)?.at(-1);
    if (version === undefined) return notFound(key);
    if (!version.enabled) return disabled(key, version);
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", version.secret, nonce).setAAD(aad);
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const number = Buffer.of(this.#versions(key).length);
    const ciphertext = Buffer.concat([number, nonce, sealed, cipher.getAuthTag()]);
    return answered(
      key,
      EncryptResponse.encode({
        name: version.name,
        ciphertext: this.#damaged("answer", ciphertext),
        ciphertextCrc32c: { value: crc32c(ciphertext) },
        verifiedPlaintextCrc32c: true,
        verifiedAdditionalAuthenticatedDataCrc32c: true,
      }).finish(),
    );
  }

  #decrypt(bytes: Buffer): Answer {
    const request = DecryptRequest.decode(bytes);
    const { name: key } = request;
    const ciphertext = this.#damaged("request", Buffer.from(request.ciphertext as Uint8Array));
    const aad = Buffer.from(request.additionalAuthenticatedData as Uint8Array);
    if (sum(request.ciphertextCrc32c) !== crc32c(ciphertext)) return wrongSum(key, "ciphertext");
    if (sum(request.additionalAuthenticatedDataCrc32c) !== crc32c(aad)) {
      return wrongSum(key, "additional_authenticated_data");
    }
    const versions = this.#keys.get(key);
    if (versions === undefined) return notFound(key);
    const version = versions[(ciphertext[0] ?? 0) - 1];
    if (version === undefined) return doesNotOpen(key);
    if (!version.enabled) return disabled(key, version);
    try {
      const decipher = createDecipheriv("aes-256-gcm", version.secret, ciphertext.subarray(1, 13));
      decipher.setAAD(aad).setAuthTag(ciphertext.subarray(-16));
      const plaintext = Buffer.concat([decipher.update(ciphertext.subarray(13, -16)), decipher.final()]);
      return answered(
        key,
        DecryptResponse.encode({
          plaintext: this.#damaged("answer", plaintext),
          plaintextCrc32c: { value: crc32c(plaintext) },
          usedPrimary: version === versions.at(-1),
        }).finish(),
      );
    } catch {
      return doesNotOpen(key);
    }
  }

  #damaged(where: "request" | "answer", bytes: Buffer): Buffer {
    if (this.corrupting !== where || this.corruptions <= 0) return bytes;
    this.corruptions -= 1;
    const damaged = Buffer.from(bytes);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    return damaged;
  }

  #versions(key: string): Version[] {
    const versions = this.#keys.get(key);
    if (versions === undefined) throw new Error(`no key ${key}`);
    return versions;
  }
}

interface Answer {
  readonly key: string;
  readonly code: number;
  readonly details?: string;
  readonly bytes?: Buffer;
}

const answered = (key: string, bytes: Uint8Array): Answer => ({ key, code: 0, bytes: Buffer.from(bytes) });
const wrongSum = (key: string, field: string): Answer => ({
  key,
  code: grpc.status.INVALID_ARGUMENT,
  details: `The checksum in field ${field}_crc32c did not match the data in field ${field}.`,
});
const notFound = (key: string): Answer => ({
  key,
  code: grpc.status.NOT_FOUND,
  details: `CryptoKey ${key} not found.`,
});
const disabled = (key: string, { name }: Version): Answer => ({
  key,
  code: grpc.status.FAILED_PRECONDITION,
  details: `${name} is not enabled, current state is: DISABLED.`,
});
const doesNotOpen = (key: string): Answer => ({
  key,
  code: grpc.status.INVALID_ARGUMENT,
  details: "Decryption failed: verify that 'name' refers to the correct CryptoKey.",
});

function denied(bytes: Buffer, operation: Operation): Answer {
  const { name: key } = operation === "encrypt" ? EncryptRequest.decode(bytes) : DecryptRequest.decode(bytes);
  const permission = `cloudkms.cryptoKeyVersions.useTo${operation === "encrypt" ? "Encrypt" : "Decrypt"}`;
  const details = `Permission '${permission}' denied on resource '${key}' (or it may not exist).`;
  return { key, code: grpc.status.PERMISSION_DENIED, details };
}

const sum = (value: { value?: unknown } | null | undefined): number => Number(String(value?.value));

const method = (name: string) => ({
  path: `/google.cloud.kms.v1.KeyManagementService/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
});
const SERVICE = { encrypt: method("Encrypt"), decrypt: method("Decrypt") } as const;
