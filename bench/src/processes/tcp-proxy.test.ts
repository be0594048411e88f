import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { startTcpProxy } from "./tcp-proxy.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function echoBehindProxy() {
  const echo = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  closers.push(() => echo.close());
  const proxy = await startTcpProxy({ port: (echo.address() as AddressInfo).port });
  closers.push(() => proxy.stop());
  return proxy;
}

function client(port: number) {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => {});
  closers.push(() => socket.destroy());
  return socket;
}

/** `once` of node:events would reject on the error that comes before the close. */
function closeOf(socket: ReturnType<typeof client>): Promise<void> {
  return new Promise((resolve) => socket.on("close", () => resolve()));
}

async function echoes(socket: ReturnType<typeof client>, text: string): Promise<string> {
  socket.write(text);
  const [chunk] = await once(socket, "data");
  return String(chunk);
}

test("forwards, goes silent when half open while new connections work, and resets the dead link on heal", async () => {
  const proxy = await echoBehindProxy();
  const first = client(proxy.port);
  expect(await echoes(first, "one")).toBe("one");
  proxy.halfOpen();
  let heard = "";
  first.on("data", (chunk) => {
    heard += chunk;
  });
  first.write("two");
  const second = client(proxy.port);
  expect(await echoes(second, "three")).toBe("three");
  expect(heard).toBe("");
  expect(first.destroyed).toBe(false);
  const closed = closeOf(first);
  proxy.heal();
  await closed;
  expect(await echoes(second, "four")).toBe("four");
});

test("a cut network lets new connections hang until it heals", async () => {
  const proxy = await echoBehindProxy();
  proxy.cut();
  const hanging = client(proxy.port);
  await once(hanging, "connect");
  const closed = closeOf(hanging);
  proxy.heal();
  await closed;
  expect(await echoes(client(proxy.port), "back")).toBe("back");
});
