import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConnectProxy, startConnectProxy } from "./support/connect-proxy.js";
import { type DnsServer, startDnsServer } from "./support/dns-server.js";
import { type FaultMenu, startFaultMenu } from "./support/fault-menu.js";
import { type CallerOptions, publicCaller, publicWebhook } from "./support/public-caller.js";

let menu: FaultMenu;
let dns: DnsServer;
let proxy: ConnectProxy;

beforeAll(async () => {
  menu = await startFaultMenu();
  proxy = await startConnectProxy();
  dns = await startDnsServer((name, before) => {
    if (name === "mixed.example.test") return ["127.0.0.1", "10.255.255.1"];
    if (name === "mixed6.example.test") return ["127.0.0.1", "fd00::1"];
    if (name === "mapped.example.test") return ["127.0.0.1", "0:0:0:0:0:ffff:a00:1"];
    // Something allowed for whoever checks, something else for whoever asks again to connect.
    if (name === "rebinding.example.test") return before === 0 ? ["127.0.0.1"] : ["10.255.255.1"];
    if (name === "turned.example.test") return before === 0 ? ["10.255.255.1"] : ["127.0.0.1"];
    if (name === "many.example.test") return Array.from({ length: 100 }, (_, i) => `127.0.0.${i + 1}`);
    if (name === "away.example.test") return "no such name";
    if (name === "broken.example.test") return "failure";
    if (name === "silent.example.test") return "silence";
    if (name === "two.example.test") return ["127.0.0.9", "127.0.0.1"];
    return ["127.0.0.1"];
  });
});

afterAll(async () => {
  dns.close();
  await Promise.all([menu.close(), proxy.stop()]);
});

/** One call to a host on the port of the menu. */
async function call(host: string, options: Partial<CallerOptions> = {}) {
  const destination = publicCaller({
    output: { destination: `http://${host}:${menu.port}/ok` },
    dns: dns.address,
    ...options,
  });
  const outcome = await destination.call(publicWebhook());
  destination.close();
  return outcome;
}

const blocked = { kind: "failed", errorClass: "blocked", retryable: false };

describe("without anything allowed", () => {
  test.each(["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost", "hooks.example.test"])(
    "threat: %s is not called",
    async (host) => {
      const before = menu.connections().ever;
      expect(await call(host, { allow: [] })).toMatchObject(blocked);
      expect(menu.connections().ever).toBe(before);
    },
  );
});

describe.each(["directly", "through the outbound proxy"])("%s", (way) => {
  const through = (): Partial<CallerOptions> => (way === "directly" ? {} : { proxy: proxy.url });

  test("a name is called at the address that was looked at, under its own name", async () => {
    expect(await call("hooks.example.test", through())).toMatchObject({ kind: "answered", status: 200 });
    expect(menu.requests.at(-1)?.headers.host).toBe(`hooks.example.test:${menu.port}`);
    if (way !== "directly") expect(proxy.asked.at(-1)).toBe(`127.0.0.1:${menu.port}`);
  });

  test.each(["mixed", "mixed6", "mapped"])(
    "threat: %s has an address that is not public beside one that may be called",
    async (name) => {
      const [connections, asked] = [menu.connections().ever, proxy.asked.length];
      expect(await call(`${name}.example.test`, through())).toMatchObject(blocked);
      expect([menu.connections().ever, proxy.asked.length]).toEqual([connections, asked]);
    },
  );

  test("threat: a name with more addresses than anybody has", async () => {
    expect(await call("many.example.test", through())).toMatchObject(blocked);
  });

  test("threat: a literal address is refused before anybody is asked", async () => {
    const asked = proxy.asked.length;
    expect(await call("169.254.169.254", through())).toMatchObject(blocked);
    expect(proxy.asked.length).toBe(asked);
  });

  test("the next address is tried when the first does not answer", async () => {
    // Nobody listens on 127.0.0.9; the menu does on 127.0.0.1 only.
    expect(await call("two.example.test", through())).toMatchObject({ kind: "answered", status: 200 });
  });
});

test("threat: a name that changes its answer between the check and the connection", async () => {
  const before = dns.asked.length;
  expect(await call("rebinding.example.test")).toMatchObject({ kind: "answered", status: 200 });
  // Asked once for each kind of address, and never again for the connection.
  expect(dns.asked.slice(before)).toEqual(["rebinding.example.test", "rebinding.example.test"]);
  expect(await call("rebinding.example.test")).toMatchObject(blocked);
  expect(await call("turned.example.test")).toMatchObject(blocked);
});

test("threat: a redirect to somewhere within is not followed", async () => {
  const before = menu.count("ok");
  const destination = publicCaller({ output: { destination: menu.url("redirect") } });
  const outcome = await destination.call(publicWebhook());
  expect(outcome).toMatchObject({ kind: "answered", status: 302 });
  expect(outcome).toHaveProperty("text", expect.stringContaining("redirect to"));
  expect(menu.count("ok")).toBe(before);
  destination.close();
});

test("threat: what a sender writes never changes where the call goes", async () => {
  const destination = publicCaller({
    output: { destination: `http://127.0.0.1:${menu.port}/ok/{{webhook.query.to}}/{{ webhook.header.X-To }}` },
  });
  const query = `to=${encodeURIComponent("@169.254.169.254/../?#\r\nHost: evil")}`;
  const headers = ["X-To", "//169.254.169.254", "Host", "169.254.169.254"];
  expect(await destination.call(publicWebhook({ query, headers, path: "@evil.example/" }))).toMatchObject({
    status: 200,
  });
  const got = menu.requests.at(-1);
  expect(got?.url).toBe(
    `/ok/%40169.254.169.254%2F..%2F%3F%23%0D%0AHost%3A%20evil/%2F%2F169.254.169.254/@evil.example/?${query}`,
  );
  expect(got?.headers.host).toBe(`127.0.0.1:${menu.port}`);
  for (const to of ["..", "."]) {
    const outcome = await destination.call(publicWebhook({ query: `to=${to}` }));
    expect(outcome).toMatchObject({ kind: "failed", errorClass: "invalid", retryable: false });
  }
  destination.close();
});

describe("names that do not resolve", () => {
  test.each([
    ["away.example.test", "dns"],
    ["broken.example.test", "dns"],
    ["silent.example.test", "dns"],
  ])("%s: %s", async (host, errorClass) => {
    expect(await call(host)).toMatchObject({ kind: "failed", errorClass, retryable: true });
  });

  test("a DNS server that is away is no refused connection", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const { port } = gone.address() as { port: number };
    gone.close();
    expect(await call("hooks.example.test", { dns: `127.0.0.1:${port}` })).toMatchObject({ errorClass: "dns" });
  });
});

describe("the outbound proxy", () => {
  test("is shown its credentials, and the destination is not", async () => {
    await call("hooks.example.test", { proxy: proxy.url.replace("http://", "http://relay:p%40ss@") });
    expect(proxy.credentials.at(-1)).toBe(`Basic ${Buffer.from("relay:p@ss").toString("base64")}`);
    expect(menu.requests.at(-1)?.headers["proxy-authorization"]).toBeUndefined();
  });

  test("that refuses or says nothing is told apart from the destination", async () => {
    proxy.refuseWith(403);
    const refused = await call("hooks.example.test", { proxy: proxy.url });
    expect(refused).toMatchObject({ kind: "failed", errorClass: "proxy", retryable: true });
    expect(refused).toHaveProperty("text", expect.stringContaining("403"));
    proxy.refuseWith(0);
    const output = { destination: `http://hooks.example.test:${menu.port}/ok`, settings: { timeouts: { connect: 1 } } };
    expect(await call("", { output, proxy: proxy.url })).toMatchObject({ errorClass: "connect-timeout" });
    proxy.refuseWith(undefined);
    expect(await call("hooks.example.test", { proxy: "http://127.0.0.1:1" })).toMatchObject({ errorClass: "proxy" });
  });

  test("carries TLS from end to end, with the destination's own name", async () => {
    const destination = menu.tlsUrl("good").replace("127.0.0.1", "hooks.example.test");
    const output = { destination, tlsVerification: true, settings: { tls: { ca: menu.authority.cert } } };
    expect(await call("", { output, proxy: proxy.url })).toMatchObject({ kind: "answered", status: 200 });
    expect(menu.requests.at(-1)?.serverName).toBe("hooks.example.test");
  });
});
