import { withoutCredentials } from "@relay/server/destination";
import type { Gap, Output } from "@relay/server/wire";
import type { AgentEvents } from "../agent.js";
import type { Terminal } from "../cli/terminal.js";
import { coloursFor } from "./colour.js";
import { deliveryJson, deliveryLine } from "./delivery-line.js";
import { createDeliveryPrinter } from "./delivery-printer.js";
import { printable } from "./printable.js";
import { shellWord } from "./shell-word.js";

export type OutputMode = "text" | "json" | "quiet";

/** Shows an agent's life: deliveries on standard output, the connection's state on standard error. */
export interface AgentConsole {
  readonly events: AgentEvents;
  note(text: string): void;
  close(): void;
}

/** Lines per 50 ms: more than that nobody reads. */
const MOST_LINES = 50;

/** A console in the given mode. `--json` and `--quiet` keep the state lines; they are on the other stream. */
export function createAgentConsole(terminal: Terminal, mode: OutputMode): AgentConsole {
  const out = coloursFor(terminal.stdout, terminal.env);
  const err = coloursFor(terminal.stderr, terminal.env);
  const printer =
    mode === "quiet"
      ? null
      : createDeliveryPrinter({
          stdout: terminal.stdout,
          most: mode === "text" ? MOST_LINES : null,
          format: mode === "json" ? deliveryJson : (report, at) => deliveryLine(report, at, out),
          formatDropped: (count) =>
            mode === "json" ? JSON.stringify({ event: "dropped", count }) : out.dim(`… ${count} more`),
        });
  const note = (text: string): void => {
    terminal.stderr.write(`${err.dim(new Date().toTimeString().slice(0, 8))} ${text}\n`);
  };
  let shown = "";
  return {
    note,
    close: () => printer?.close(),
    events: {
      connected({ address, agent, welcome }) {
        const version = welcome.serverVersion === "" ? "" : ` (server ${printable(welcome.serverVersion)})`;
        note(`${err.green("connected")} to ${address} as agent ${err.bold(agent)}${version}`);
      },
      lost(reason, delayMs) {
        note(`${err.yellow("not connected")}: ${printable(reason)}; retrying in ${seconds(delayMs)} s`);
      },
      goingAway(reason) {
        note(`the server is leaving${reason === "" ? "" : `: ${printable(reason)}`}; connecting again soon`);
      },
      outputs(outputs, unknownBuckets) {
        const text = describeOutputs(outputs, unknownBuckets);
        // Told again after each reconnect; people want to hear it once.
        if (text !== shown) note(text);
        shown = text;
      },
      gap(gap, output) {
        const name = output === undefined ? gap.outputId : `${output.bucketName}/${output.name}`;
        const one = gap.count === 1 ? "webhook was" : "webhooks were";
        note(
          `${err.yellow(`${gap.count} ${one} missed`)} for ${printable(name)} between ${clock(gap.fromMs)} and ${clock(gap.toMs)}: ${gapRemedy(gap, output)}`,
        );
      },
      warning(text) {
        note(`${err.yellow("warning")}: ${printable(text)}`);
      },
      newCredentials(path) {
        note(`new credentials in ${printable(path)}: connecting with them`);
      },
      forwarded: printer === null ? null : (report) => printer.add(report),
    },
  };
}

function describeOutputs(outputs: readonly Output[], unknownBuckets: readonly string[]): string {
  const unknown =
    unknownBuckets.length === 0 ? "" : `; unknown or not allowed buckets: ${unknownBuckets.map(printable).join(", ")}`;
  if (outputs.length === 0) return `no internal outputs to serve yet${unknown}`;
  const list = outputs.map(
    ({ bucketName, destination }) => `${printable(bucketName)} -> ${printable(withoutCredentials(destination))}`,
  );
  const shown = list.length <= 10 ? list : [...list.slice(0, 10), `… ${list.length - 10} more`];
  return `serving ${shown.join(", ")}${unknown}`;
}

/** Only the gap's own range: the history stays as it is, so what was sent again from an older gap would go out once more. */
function gapRemedy(gap: Gap, output: Output | undefined): string {
  if (output === undefined) return "relay logs --status stalled shows them";
  const which = printable(`--bucket ${shellWord(output.bucketName)} --status stalled`);
  const range = `--from ${new Date(gap.fromMs).toISOString()} --to ${new Date(gap.toMs).toISOString()}`;
  return `relay logs ${which} shows them, relay resend ${which} ${range} delivers them again`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function clock(unixMs: number): string {
  return new Date(unixMs).toISOString().replace("T", " ").slice(0, 19);
}
