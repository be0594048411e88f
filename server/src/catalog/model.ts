import type { CronBody } from "@relay/provider-schema";
import type { SettingSecrets, Settings } from "../attributes/settings.js";

/** What people configure, as every part of the server sees it: validated at the edge, frozen, dates as Unix seconds. */

/** Header map of the public API: each name with its values. */
export type HeaderMap = Readonly<Record<string, readonly string[]>>;

export type BucketAuth =
  | { readonly type: "none" }
  /** `hash` is the bcrypt hash of the password. */
  | { readonly type: "basic"; readonly username: string; readonly hash: string }
  /** `hash` is the bcrypt hash of the token. */
  | { readonly type: "token"; readonly hash: string };

/** `managedBy`, here and below: who declares it; empty for people, else `terraform`, `pulumi` or `manifest/<name>`. */
export interface Input {
  readonly id: string;
  readonly managedBy: string;
  readonly bucketId: string;
  readonly name: string;
  readonly description: string;
  /** 0 as written by people; answers as 200. */
  readonly statusCode: number;
  readonly headers: HeaderMap;
  readonly body: string;
  /** What else the definition has, by its attributes' names. */
  readonly settings: Settings;
  readonly secrets: SettingSecrets;
  /** Of the functions whose ids are in the settings, by the attributes that refer to them. */
  readonly functionNames?: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Output {
  readonly id: string;
  readonly managedBy: string;
  readonly bucketId: string;
  readonly name: string;
  readonly description: string;
  readonly destination: string;
  readonly internal: boolean;
  readonly disabled: boolean;
  readonly lockPath: boolean;
  readonly headers: HeaderMap;
  readonly timeoutSeconds: number;
  readonly tlsVerification: boolean;
  /** Who gets a delivery of an internal output: one of the connected agents, or each agent known by name. */
  readonly agents: "one" | "each";
  readonly settings: Settings;
  readonly secrets: SettingSecrets;
  /** Of the functions whose ids are in the settings, by the attributes that refer to them. */
  readonly functionNames?: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What people say of a cron beyond its name: every attribute of the definition, defaults filled in. */
export type CronSettings = Required<Omit<CronBody, "name" | "description">>;

export interface Cron {
  readonly id: string;
  readonly managedBy: string;
  readonly bucketId: string;
  readonly name: string;
  readonly description: string;
  readonly settings: CronSettings;
  /** Of the function whose id is in the settings. */
  readonly functionNames?: Readonly<Record<string, string>>;
  /** The bucket was made with it, by the classic API, and goes with it. */
  readonly ownsBucket: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Bucket {
  readonly id: string;
  readonly managedBy: string;
  readonly name: string;
  readonly description: string;
  readonly auth: BucketAuth;
  readonly stream: boolean;
  readonly ephemeral: boolean;
  readonly largeWebhooks: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  readonly crons: readonly Cron[];
}

/** The secret before the last rotation, which is good for a while beside the present one. */
export interface OldSecret {
  /** bcrypt. */
  readonly hash: string;
  readonly createdAt: number;
  /** Null when never used. */
  readonly usedAt: number | null;
  /** With a fraction: from then on it opens nothing. */
  readonly validUntil: number;
}

export interface Token {
  readonly id: string;
  readonly managedBy: string;
  /** Unique; null for tokens of clients that give none. */
  readonly name: string | null;
  readonly description: string;
  /** bcrypt hash of the present secret. */
  readonly secretHash: string;
  readonly secretCreatedAt: number;
  /** Null when never used. Not a change of the catalog: in the catalog's copy it is old. */
  readonly secretUsedAt: number | null;
  /** The token itself asked for its present secret, and not somebody who manages tokens. */
  readonly secretByItself: boolean;
  /** It may be over: ask `validOldSecret`. */
  readonly oldSecret: OldSecret | null;
  readonly active: boolean;
  /** False: agents may use it, management calls are refused. */
  readonly apiAccess: boolean;
  /** The account's API key, which is no token to those who manage tokens. */
  readonly accountKey: boolean;
  /** Bucket ids or names; empty means every bucket. */
  readonly scopeBuckets: readonly string[];
  readonly scopeTunnels: readonly string[];
  /** Unix seconds after which it opens nothing; 0 is never. */
  readonly expiresAt: number;
  /** Unix seconds, or null when never used. */
  readonly lastLoginAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A function that people wrote. */
export interface RelayFunction {
  readonly id: string;
  readonly managedBy: string;
  readonly name: string;
  readonly description: string;
  readonly driver: "js" | "lua";
  readonly source: string;
  /** Its variables, by their path: `variables.NAME`. */
  readonly secrets: SettingSecrets;
  readonly createdAt: number;
  readonly updatedAt: number;
}
