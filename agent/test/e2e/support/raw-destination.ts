import { createServer, type Socket } from "node:net";
import { type Listening, listenOnLoopback } from "../../../../server/test/support/listen-on-loopback.js";

/** A request as it stood on the wire: nothing decoded, nothing normalised. */
export interface RawRequest {
  readonly method: string;
  /** Path and query of the request line, one character for each byte. */
  readonly target: string;
  /** Name and value of each field in order, ISO 8859-1, without the blanks around the value. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface RawDestination extends Listening {
  readonly requests: readonly RawRequest[];
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/** An HTTP/1.1 destination that reads its socket by itself, so that no library stands between the bytes and the test. */
export async function startRawDestination(): Promise<RawDestination> {
  const requests: RawRequest[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    readRequests(socket, (request) => {
      requests.push(request);
      socket.write(ANSWER);
    });
  });
  return { ...(await listenOnLoopback(server)), requests };
}

/** The values of a field, whatever its case. */
export function fieldValues(request: RawRequest, name: string): string[] {
  const wanted = name.toLowerCase();
  return request.fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value);
}

function readRequests(socket: Socket, take: (request: RawRequest) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let needed = 0;
  socket.on("data", (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    // Joining for each piece of a large body would take quadratic time.
    while (bytes > 0 && bytes >= needed) {
      const all = Buffer.concat(chunks);
      const head = all.indexOf(END_OF_HEAD);
      if (head === -1) {
        chunks = [all];
        return;
      }
      const request = parseHead(all.toString("latin1", 0, head));
      const length = Number(fieldValues({ ...request, body: all }, "content-length")[0] ?? 0);
      const end = head + END_OF_HEAD.length + length;
      if (all.length < end) {
        chunks = [all];
        needed = end;
        return;
      }
      take({ ...request, body: all.subarray(end - length, end) });
      chunks = [all.subarray(end)];
      bytes = all.length - end;
      needed = 0;
    }
  });
}

function parseHead(head: string): Omit<RawRequest, "body"> {
  const [requestLine = "", ...lines] = head.split("\r\n");
  // Cut at the first and the last blank only: whatever stands between them is the target.
  const first = requestLine.indexOf(" ");
  const last = requestLine.lastIndexOf(" ");
  return {
    method: requestLine.slice(0, first),
    target: requestLine.slice(first + 1, last),
    fields: lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
    }),
  };
}
