import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Place } from "./bridge.mjs";

const HOLDER = fileURLToPath(new URL("hold-network.mjs", import.meta.url));

/** All addresses are the new network's own: nothing of it leads to this machine's. */
const SCRIPT = `
hostname "$1"
ip link set lo up
for address in $2; do ip address add "$address/32" dev lo; done
exec "$3" "$4" "$5"
`;

export interface PodNetworkOptions {
  /** Host name. */
  readonly name: string;
  /** An empty folder, for sockets. */
  readonly folder: string;
  /** The pod's address. */
  readonly address: string;
  /** Who calls the pod, by name, with their address. */
  readonly callers: Readonly<Record<string, string>>;
  /** Ports of the pod that they may call. */
  readonly ports: readonly number[];
  /** What the pod finds on its loopback address: port, and the Unix socket on this machine that it leads to. */
  readonly loopback: Readonly<Record<number, string>>;
}

/** A network of a pod's own. */
export interface PodNetwork {
  /** A process that is in it. */
  readonly pid: number;
  /** A Unix socket on this machine: whoever connects reaches that port of the pod, and the pod sees the caller's address. */
  from(caller: string, port: number): string;
  stop(): Promise<void>;
}

/** Makes a network with an address and a loopback interface, as a pod has it, and ways in and out. Needs root. */
export async function startPodNetwork(options: PodNetworkOptions): Promise<PodNetwork> {
  const { name, folder, address, callers, ports, loopback } = options;
  const from = (caller: string, port: number) => join(folder, `${caller}-${port}`);
  const bridges: { from: Place; to: Place }[] = [
    ...Object.entries(callers).flatMap(([caller, localAddress]) =>
      ports.map((port) => ({ from: { path: from(caller, port) }, to: { host: address, port, localAddress } })),
    ),
    ...Object.entries(loopback).map(([port, path]) => ({
      from: { host: "127.0.0.1", port: Number(port) },
      to: { path },
    })),
  ];
  const addresses = [address, ...Object.values(callers)].join(" ");
  const holder = [process.execPath, HOLDER, JSON.stringify(bridges)];
  const child = spawn("unshare", ["--net", "--uts", "--", "/bin/sh", "-ec", SCRIPT, "sh", name, addresses, ...holder], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let problem = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    problem += text;
  });
  const ended = once(child, "close");
  await Promise.race([
    once(child.stdout, "data"),
    ended.then(() => {
      throw new Error(`there is no network for ${name}: ${problem}`);
    }),
  ]);
  return {
    pid: child.pid ?? 0,
    from,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
