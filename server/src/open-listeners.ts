import { hostname, networkInterfaces } from "node:os";
import type pg from "pg";
import type { Logger } from "pino";
import type { Config } from "./config/load-config.js";
import { listenGrpc } from "./hub/grpc-transport.js";
import type { Hub } from "./hub/hub.js";
import { websocketEndpoint } from "./hub/websocket-transport.js";
import type { ClientAddress } from "./ingress/client-address.js";
import type { Ingress } from "./ingress/ingress.js";
import { type HttpListenerOptions, listenHttp } from "./listen-http.js";
import { listenStatus } from "./listen-status.js";
import type { Metrics } from "./telemetry/metrics.js";
import { loadCertificate } from "./tls/certificate.js";
import { certificateHosts } from "./tls/certificate-hosts.js";
import type { Undo } from "./undo.js";

export interface ListenerSources {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly pool: pg.Pool;
  readonly ingress: Ingress;
  readonly hub: Hub;
  readonly clientAddress: ClientAddress;
  /** Adds the admin API to a listener. */
  readonly register: HttpListenerOptions["register"];
  /** Called as soon as the port is known, before anybody can ask for it. */
  readonly onHttpPort: (port: number) => void;
  readonly ready: () => boolean;
  readonly notice: Parameters<typeof listenStatus>[0]["notice"];
  readonly undo: Undo;
}

/** Where the server is reached. */
export interface Listeners {
  readonly http: string;
  readonly https: string;
  readonly grpc: string;
  readonly status: string;
  readonly caFile: string;
}

/** Opens every port. */
export async function openListeners(sources: ListenerSources): Promise<Listeners> {
  const { config, logger, metrics, pool, ingress, hub, clientAddress, undo } = sources;
  const certificate = await loadCertificate({
    dataDir: config.dataDir,
    certPath: config.certPath,
    certKeyPath: config.certKeyPath,
    hosts: certificateHosts({
      hostname: hostname(),
      publicUrl: config.publicUrl,
      listenAddress: config.listenAddress,
      interfaces: networkInterfaces(),
    }),
  });
  if (certificate.newAuthority) logger.warn({ caFile: certificate.caFile }, "tls.authority-made");
  const tls = { cert: certificate.cert, key: certificate.key };
  const common = {
    address: config.listenAddress,
    maxHeaderBytes: config.maxHeaderBytes,
    trustedProxies: config.trustedProxies,
    ingress,
    logger,
    register: sources.register,
  };
  const websocket = websocketEndpoint({ hub, clientAddress });
  const plainWebsocket: typeof websocket = {
    ...websocket,
    isForAgents: (request) => isLoopback(request.socket.remoteAddress) && websocket.isForAgents(request),
  };
  const https = await listenHttp({ ...common, port: config.httpsPort, tls, upgrade: websocket });
  undo.push(() => https.close());
  const http = await listenHttp({
    ...common,
    port: config.httpPort,
    tls: undefined,
    upgrade: config.agentPlaintext ? plainWebsocket : undefined,
  });
  undo.push(() => http.close());
  sources.onHttpPort(http.port);
  if (config.agentPlaintext && !isLoopback(config.listenAddress)) {
    throw new Error(
      `AGENT_PLAINTEXT_LOOPBACK: agents without TLS are allowed on loopback only, but LISTEN_ADDRESS is ${config.listenAddress}. Unset one of them.`,
    );
  }
  const grpc = await listenGrpc({
    address: config.listenAddress,
    port: config.grpcPort,
    tls: config.agentPlaintext ? undefined : tls,
    hub,
    clientAddress,
  });
  undo.push(() => grpc.close());
  const status = await listenStatus({
    address: config.statusAddress,
    port: config.statusPort,
    metrics,
    pool,
    ready: sources.ready,
    notice: sources.notice,
    credentials:
      config.statusUsername === "" ? undefined : { username: config.statusUsername, password: config.statusPassword },
  });
  undo.push(() => status.close());

  const host = config.listenAddress.includes(":") ? `[${config.listenAddress}]` : config.listenAddress;
  return {
    http: `http://${host}:${http.port}`,
    https: `https://${host}:${https.port}`,
    grpc: `${host}:${grpc.port}`,
    status: `http://${config.statusAddress}:${status.port}`,
    caFile: certificate.caFile,
  };
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && (/^(::ffff:)?127\./.test(address) || address === "::1" || address === "localhost");
}
