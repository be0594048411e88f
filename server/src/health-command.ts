import { request } from "node:http";
import type { Config } from "./config/load-config.js";

export type Health = { readonly kind: "healthy" } | { readonly kind: "unhealthy"; readonly reason: string };

type Settings = Pick<Config, "statusAddress" | "statusPort" | "statusUsername" | "statusPassword">;

/** Less than what container engines and kubelets wait by default is of no use; a server under load answers in time. */
const TIMEOUT_MS = 3_000;

/** The variables that the question needs: that another one is wrong is no answer to whether the server lives. */
export const HEALTH_VARIABLES = /^STATUS_/;

/** The word `health`: asks the server of the same settings on this machine for /healthz. */
export function healthCommand(settings: Settings): Promise<Health> {
  const { statusAddress, statusPort: port, statusUsername, statusPassword } = settings;
  if (port === 0) return Promise.resolve(unhealthy("STATUS_PORT is 0, any free port: it cannot be told which"));
  // All addresses is none to connect to.
  const host = statusAddress === "0.0.0.0" ? "127.0.0.1" : statusAddress === "::" ? "::1" : statusAddress;
  const where = `http://${host.includes(":") ? `[${host}]` : host}:${port}/healthz`;
  const auth = statusUsername === "" ? {} : { auth: `${statusUsername}:${statusPassword}` };
  return new Promise((resolve) => {
    const asked = request(
      { host, port, path: "/healthz", agent: false, signal: AbortSignal.timeout(TIMEOUT_MS), ...auth },
      (response) => {
        response.resume();
        resolve(
          response.statusCode === 200 ? { kind: "healthy" } : unhealthy(`${where} answered ${response.statusCode}`),
        );
      },
    );
    asked.once("error", ({ name, message }) =>
      resolve(unhealthy(`${where}: ${name === "AbortError" ? `no answer in ${TIMEOUT_MS / 1_000} s` : message}`)),
    );
    asked.end();
  });
}

function unhealthy(reason: string): Health {
  return { kind: "unhealthy", reason };
}
