import type { CloudLogin } from "../../../../server/test/support/cloud-database.js";
import { type Container, type Pod, podsOf } from "../pods-of.js";
import type { Program } from "../program.js";

/** What the program says of the pods of a release, and of what they need around them. */
export interface DeclaredPods {
  readonly pods: readonly Pod[];
  readonly migrations: Pod;
  readonly server: Pod;
  /** The server's own container. */
  readonly container: Container;
  /** A setting of it; throws when it has none of that name. */
  setting(name: string): string;
  /** One of its ports, by its name. */
  port(name: string): number;
  readonly logins: readonly CloudLogin[];
  /** Name of the administrator's secret in its folder. */
  readonly secretFile: string;
  readonly administrator: { readonly key: string; readonly secret: string };
  /** What a load balancer writes behind the sender's address: its own. */
  readonly edgeAddress: string;
  /** Address of somebody who calls, by name. */
  readonly callers: { readonly kubelet: string; readonly edge: string; readonly neighbour: string };
}

/** Reads them from what the program registered. */
export function declaredPods(program: Program): DeclaredPods {
  const pods = podsOf(program);
  const podOf = (name: RegExp): Pod => {
    const found = pods.find(({ of }) => name.test(of));
    if (found === undefined) throw new Error(`the program makes no pod ${name}`);
    return found;
  };
  const server = podOf(/^relay$/);
  const [container] = server.spec.containers;
  if (container === undefined) throw new Error("the pod of the servers has no container");
  const setting = (name: string): string => {
    const value = container.env?.find((each) => each.name === name)?.value;
    if (value === undefined) throw new Error(`the servers have no setting ${name}`);
    return value;
  };
  const port = (name: string): number => {
    const found = container.ports?.find((each) => each.name === name);
    if (found === undefined) throw new Error(`the servers have no port ${name}`);
    return found.containerPort;
  };
  const { spec } = program.one("secrets-store.csi.x-k8s.io/v1.SecretProviderClass").inputs as {
    spec: { parameters: { secrets: string } };
  };
  const [mounted] = JSON.parse(spec.parameters.secrets) as [{ path: string }];
  const proxies = setting("TRUSTED_PROXIES").split(",");
  return {
    pods,
    migrations: podOf(/^migrations-/),
    server,
    container,
    setting,
    port,
    logins: program.all("sql.User").map(({ inputs }) => ({
      name: String(inputs.name),
      roles: (inputs.databaseRoles ?? []) as string[],
    })),
    secretFile: mounted.path,
    administrator: {
      key: setting("ADMIN_API_KEY"),
      secret: String(program.one("secretmanager.SecretVersion").inputs.secretDataWo),
    },
    edgeAddress: proxies.at(-1)?.split("/")[0] ?? "",
    callers: {
      kubelet: "10.0.0.2",
      // Of the load balancer's proxies: somewhere in the first range that the pod trusts.
      edge: (proxies[0] ?? "").replace(/\d+\.\d+\/\d+$/, "7.7"),
      neighbour: "10.4.0.99",
    },
  };
}
