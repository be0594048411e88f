import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { killIfThere } from "../../../server/test/support/kill-if-there.js";

export interface CommandOptions {
  /** Working directory. */
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Kills the command, and rejects, when it takes longer. Default 120,000. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  /** Null when a signal ended the command. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams as one line with single blanks and without frames: engines wrap what they tell people. */
  readonly text: string;
  /** What was called, for messages. */
  readonly command: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly pid: number;
  /** Everything printed so far, on both streams. */
  readonly output: string;
  /** The result, whatever the exit code. Rejects only when the command could not start or took too long. */
  readonly done: Promise<CommandResult>;
  /** Signals the command alone, as `kill PID` does. */
  kill(signal: NodeJS.Signals): void;
  /** Signals the command's process group, as Ctrl-C in a terminal does. */
  killGroup(signal: NodeJS.Signals): void;
  /** Kills what is left of the command and of all that it started, in whatever group, and waits for the command's end. */
  end(): Promise<void>;
}

/** Starts a command in a session and process group of its own, without standard input. */
export function startCommand(file: string, args: readonly string[], options: CommandOptions): RunningCommand {
  const { cwd, env, timeoutMs = 120_000 } = options;
  const command = [file, ...args].join(" ");
  const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const end = async (): Promise<void> => {
    if (child.pid !== undefined) killSession(child.pid);
    await done.catch(() => {});
  };
  const done = new Promise<CommandResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) killSession(child.pid);
      reject(new Error(`${command}: still running after ${timeoutMs} ms. It printed:\n${stdout}${stderr}`));
    }, timeoutMs);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (exitCode, signal) => {
      clearTimeout(timer);
      const text = `${stdout} ${stderr}`.replace(/[\s│╷╵]+/g, " ").trim();
      resolve({ exitCode, signal, stdout, stderr, text, command });
    });
  });
  return {
    pid: child.pid ?? 0,
    get output() {
      return stdout + stderr;
    },
    done,
    kill: (signal) => void child.kill(signal),
    killGroup: (signal) => {
      if (child.pid !== undefined) killIfThere(-child.pid, signal);
    },
    end,
  };
}

/**
 * Kills every process of the session that the command began: engines give their plugins groups of their own, and a
 * plugin whose engine was killed may never notice. On systems without /proc, the command's group only.
 */
function killSession(leader: number): void {
  killIfThere(-leader);
  if (process.platform !== "linux") return;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // After the command's name in parentheses: state, parent, group, session.
      const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ");
      if (fields?.[3] === String(leader)) process.kill(Number(name), "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
}

/** The result when the exit code is one of `accepted` (default 0); throws what was printed otherwise. */
export function mustSucceed(result: CommandResult, accepted: readonly number[] = [0]): CommandResult {
  if (result.exitCode !== null && accepted.includes(result.exitCode)) return result;
  const { command, exitCode, signal, stdout, stderr } = result;
  throw new Error(`${command}: ended with ${signal ?? exitCode}. It printed:\n${stdout}${stderr}`);
}
