import { connect, type Socket } from "node:net";
import type { RequestTemplate } from "./request-template.js";
import { createResponseParser, type ResponseParser } from "./response-parser.js";
import { writeStamp } from "./stamp.js";

export interface LoadConnection {
  /** Sends one request; the one before must have been answered. */
  send(sequence: number, micros: number): void;
  close(): void;
}

export interface LoadConnectionEvents {
  /** The connection is open and free: at first, after each answer and after a reconnect. */
  onFree(connection: LoadConnection): void;
  /** An answer; `status` of the request sent last. */
  onAnswer(sequence: number, micros: number, status: number): void;
  /** The request sent last got no answer, or (sequence undefined) the connection could not be opened. */
  onError(connection: LoadConnection, sequence: number | undefined, error: Error): void;
}

/** How soon a broken connection is opened again, in milliseconds. */
const REOPEN_MS = 20;

/** A keep-alive connection that holds its own copy of the request and reopens itself until it is closed. */
export function openLoadConnection(
  target: { host: string; port: number },
  template: RequestTemplate,
  events: LoadConnectionEvents,
): LoadConnection {
  const bytes = Buffer.from(template.bytes);
  let socket: Socket;
  let parser: ResponseParser;
  let outstanding: { sequence: number; micros: number } | undefined;
  let closed = false;

  function fail(error: Error): void {
    const lost = outstanding?.sequence;
    outstanding = undefined;
    socket.removeAllListeners();
    socket.on("error", () => {});
    socket.destroy();
    if (closed && lost === undefined) return;
    events.onError(connection, lost, error);
    if (!closed) setTimeout(open, REOPEN_MS);
  }

  function open(): void {
    if (closed) return;
    parser = createResponseParser();
    socket = connect({ ...target, noDelay: true });
    socket.on("connect", () => events.onFree(connection));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("connection closed")));
    socket.on("data", (chunk: Buffer) => {
      let status: number;
      try {
        status = parser.feed(chunk);
      } catch (error) {
        fail(error as Error);
        return;
      }
      if (status === 0) return;
      if (outstanding === undefined) {
        fail(new Error("response: an answer to nothing"));
        return;
      }
      const { sequence, micros } = outstanding;
      outstanding = undefined;
      events.onAnswer(sequence, micros, status);
      if (closed) socket.end();
      else if (parser.closing) {
        socket.removeAllListeners();
        socket.on("error", () => {});
        socket.end();
        open();
      } else events.onFree(connection);
    });
  }

  const connection: LoadConnection = {
    send(sequence, micros) {
      outstanding = { sequence, micros };
      writeStamp(bytes, template.stampAt, sequence, micros);
      socket.write(bytes);
    },
    close() {
      closed = true;
      if (outstanding === undefined) socket.destroy();
    },
  };
  open();
  return connection;
}
