import type { Readable } from "node:stream";
import { CliError, EXIT } from "./exit-codes.js";
import type { Terminal } from "./terminal.js";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const BACKSPACES = ["\u007f", "\b"];

/** Asks for one line; hidden ones are not echoed. Without a terminal the next line of standard input is taken. */
export async function askLine(terminal: Terminal, question: string, { hidden }: { hidden: boolean }): Promise<string> {
  const { stdin, stderr } = terminal;
  const raw = stdin.isTTY === true && stdin.setRawMode !== undefined;
  if (!raw) return readLine(stdin);
  stderr.write(question);
  stdin.setRawMode?.(true);
  try {
    return await typedLine(stdin, hidden ? () => undefined : (text) => stderr.write(text));
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write("\n");
  }
}

/** Everything on a stream, as text. */
export async function readAll(stream: Readable): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

function typedLine(stdin: Readable, echo: (text: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = "";
    const finish = (act: () => void): void => {
      stdin.off("data", onData);
      act();
    };
    const onData = (chunk: Buffer | string): void => {
      for (const char of String(chunk)) {
        if (char === "\r" || char === "\n") {
          finish(() => resolve(line.trim()));
          return;
        }
        if (char === CTRL_C || char === CTRL_D) {
          finish(() => reject(new CliError("cancelled", EXIT.failure)));
          return;
        }
        if (BACKSPACES.includes(char)) {
          if (line !== "") echo("\b \b");
          line = line.slice(0, -1);
        } else {
          line += char;
          echo(char);
        }
      }
    };
    stdin.on("data", onData);
    stdin.resume();
  });
}

/** Lines of a piped standard input, one per call: what a chunk holds beyond the first line is put back. */
function readLine(stdin: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const stop = (): void => {
      stdin.off("data", onData).off("end", onEnd).off("error", onError).pause();
    };
    const onError = (error: Error): void => {
      stop();
      reject(error);
    };
    const onEnd = (): void => {
      stop();
      if (text === "")
        reject(new CliError("standard input ended before the answer; give it as a flag or variable", EXIT.usage));
      else resolve(text.trim());
    };
    const onData = (chunk: Buffer): void => {
      text += String(chunk);
      const end = text.indexOf("\n");
      if (end === -1) return;
      stop();
      const rest = text.slice(end + 1);
      if (rest !== "") stdin.unshift(Buffer.from(rest));
      resolve(text.slice(0, end).trim());
    };
    stdin.on("data", onData).on("end", onEnd).on("error", onError).resume();
  });
}
