import { fileURLToPath } from "node:url";
import type { TestServer } from "../../../server/test/support/run-server.js";
import type { PulumiEngine } from "./engines.js";
import { makePulumiProject, type PulumiProject } from "./pulumi-project.js";

/** Folder of the provider's executable. */
export const PROVIDER_FOLDER = fileURLToPath(new URL("../../bin", import.meta.url));
/** The package that programs import. */
export const SDK_FOLDER = fileURLToPath(new URL("../../generated/pulumi-sdk", import.meta.url));

/** A resource of the program. A text `@name.property` in its arguments is an output of one declared before it. */
export interface Declared {
  readonly type: "Bucket" | "Function" | "Input" | "Output" | "Cron" | "Token";
  readonly name: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Makes what `declared.json` says, so that tests change that and not a program. */
const PROGRAM = `
  const relay = require("@relay/pulumi");
  const made = {};
  const resolved = (value) => {
    if (Array.isArray(value)) return value.map(resolved);
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolved(each)]));
    }
    const reference = typeof value === "string" ? /^@([^.]+)\\.(.+)$/.exec(value) : null;
    return reference === null ? value : made[reference[1]][reference[2]];
  };
  for (const { type, name, args, options } of JSON.parse(require("fs").readFileSync("declared.json", "utf8"))) {
    made[name] = new relay[type](name, resolved(args ?? {}), options ?? {});
  }
`;

/** How a program's provider finds the server. */
export function relayEnvironment(server: TestServer): Record<string, string> {
  return { RELAY_API_ADDRESS: server.at.http, RELAY_KEY: server.adminKey, RELAY_SECRET: server.adminSecret };
}

/** A project whose program makes what it is given, by the real provider, on a server. */
export async function makeRelayProgram(
  engine: PulumiEngine,
  env: Readonly<Record<string, string>>,
  program: string = PROGRAM,
): Promise<PulumiProject> {
  return makePulumiProject(engine, {
    program,
    providers: { relay: PROVIDER_FOLDER },
    packages: { "@relay/pulumi": SDK_FOLDER },
    env,
  });
}

/** What the program makes from now on. */
export async function declare(project: PulumiProject, all: readonly Declared[]): Promise<void> {
  await project.write("declared.json", JSON.stringify(all));
}
