import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { PulumiEngine } from "../../../provider-schema/test/support/engines.js";
import { makePulumiProject, type PulumiProject } from "../../../provider-schema/test/support/pulumi-project.js";
import { CloudFolder } from "../stand-ins/gcp/cloud-folder.js";
import type { ControlPlane } from "./control-plane.js";

/** A program for Google's cloud, with what plays that cloud. */
export interface InfraProject {
  readonly project: PulumiProject;
  /** What there is of the cloud: tests may look at it, change it and have things fail. */
  readonly cloud: CloudFolder;
  /** Ends its processes and removes its folders. */
  close(): Promise<void>;
}

export interface InfraProjectOptions {
  /** Absolute path of the program, which runs where it is; or else `program`. */
  readonly main?: string;
  /** Text of a CommonJS module. */
  readonly program?: string;
  /** Name of the project: the namespace of its configuration. */
  readonly name?: string;
  readonly config?: Readonly<Record<string, string>>;
  /** What every cluster of the program is. */
  readonly cluster?: ControlPlane;
  /** Folders whose programs come before all others. */
  readonly path?: readonly string[];
}

const STAND_INS = fileURLToPath(new URL("../stand-ins/bin", import.meta.url));
const require = createRequire(import.meta.url);

/**
 * A stack of a program under the real engine, with state of its own and with stand-ins for the plugins that cannot be had.
 * Close it after the test.
 */
export async function makeInfraProject(
  engine: PulumiEngine,
  { main, program, name, config = {}, cluster, path = [] }: InfraProjectOptions,
): Promise<InfraProject> {
  const folder = await mkdtemp(join(tmpdir(), "relay-infra-"));
  const cloud = new CloudFolder(join(folder, "cloud"));
  const plugins = ["gcp", "kubernetes", "random", "tls"];
  const project = await makePulumiProject(engine, {
    ...(main === undefined ? {} : { main }),
    ...(program === undefined ? {} : { program }),
    ...(name === undefined ? {} : { name }),
    providers: Object.fromEntries(plugins.map((plugin) => [plugin, STAND_INS])),
    packages: Object.fromEntries(plugins.map((plugin) => [`@pulumi/${plugin}`, packageFolder(`@pulumi/${plugin}`)])),
    // The language host ignores the options of the project's file.
    nodeOptions: [`--import=${pathToFileURL(require.resolve("tsx"))}`],
    env: {
      PATH: [...path, STAND_INS, dirname(engine.file), dirname(process.execPath), process.env.PATH ?? ""].join(
        delimiter,
      ),
      STAND_IN_CLOUD: join(folder, "cloud"),
      ...(cluster === undefined ? {} : await clusterOf(cluster, { cloud, folder })),
    },
  });
  for (const [key, value] of Object.entries(config)) await project.config(key, value);
  return {
    project,
    cloud,
    close: async () => {
      await project.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Has every cluster of the program be the control plane. Gives the environment that leads into it. */
async function clusterOf(
  { access: { server, ca, token } }: ControlPlane,
  { cloud, folder }: { cloud: CloudFolder; folder: string },
): Promise<Record<string, string>> {
  const certificates = ca ?? "";
  const authority = Buffer.from(certificates).toString("base64");
  cloud.set({ cluster: { endpoint: new URL(server).host, ca: authority, token } });
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, certificates);
  // The control plane plays one whose certificate everybody trusts.
  return { STAND_IN_CLUSTER_TOKEN: token, NODE_EXTRA_CA_CERTS: caFile };
}

function packageFolder(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}
