import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";

/** What a name has: addresses of both kinds, or a fault. */
export type DnsAnswer = readonly string[] | "no such name" | "failure" | "silence";

/** A real DNS server (RFC 1035) on a port of its own, for A and AAAA questions over UDP. */
export interface DnsServer {
  /** For `Resolver.setServers`. */
  readonly address: string;
  /** Names that were asked for, in order; once per kind of address. */
  readonly asked: readonly string[];
  close(): void;
}

const A = 1;
const AAAA = 28;

/** `answer` is asked each time, with how often the name and kind was asked before: it may change its mind. */
export async function startDnsServer(answer: (name: string, before: number) => DnsAnswer): Promise<DnsServer> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  const counts = new Map<string, number>();
  socket.on("message", (query, from) => {
    const { name, type, end } = question(query);
    const key = `${type} ${name}`;
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    asked.push(name);
    const found = answer(name, before);
    if (found === "silence") return;
    socket.send(reply(query.subarray(0, end), type, found), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return { address: `127.0.0.1:${socket.address().port}`, asked, close: () => socket.close() };
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function reply(asked: Buffer, type: number, answer: Exclude<DnsAnswer, "silence">): Buffer {
  const code = answer === "no such name" ? 3 : answer === "failure" ? 2 : 0;
  const addresses = typeof answer === "string" ? [] : answer;
  const records = addresses.flatMap((address) => {
    const data = isIP(address) === 4 ? ipv4(address) : ipv6(address);
    return (type === A && data.length === 4) || (type === AAAA && data.length === 16) ? [record(type, data)] : [];
  });
  const head = Buffer.from(asked);
  // Response, recursion desired and available.
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records]);
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // The name is that of the question.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function ipv4(address: string): Buffer {
  return Buffer.from(address.split(".").map(Number));
}

function ipv6(address: string): Buffer {
  const [front = "", back] = address.split("::");
  const groups = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(front), groups(back ?? "")];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
