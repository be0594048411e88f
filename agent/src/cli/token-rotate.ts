import type { ApiClient } from "../api/api-client.js";
import type { Credentials } from "../link/credentials.js";
import { describeDuration } from "../render/describe-duration.js";
import { shellWord } from "../render/shell-word.js";
import { CliError, EXIT } from "./exit-codes.js";
import { type HandOver, type HandOverFlags, openHandOver } from "./hand-over.js";
import { noteLine, type Terminal } from "./terminal.js";

export interface RotateFlags extends HandOverFlags {
  /** Milliseconds. */
  readonly grace: number;
  readonly again?: boolean;
}

/** `relay token rotate`: makes a new secret and hands it over; the way for it is opened before there is one. */
export async function rotateToken(api: ApiClient, terminal: Terminal, name: string, flags: RotateFlags): Promise<void> {
  const way = await openHandOver(flags, terminal);
  if (way === null) {
    throw new CliError(
      "say where the new secret goes: --out FILE, --exec 'COMMAND' (on its standard input), or --show to print it",
      EXIT.usage,
    );
  }
  const graceSeconds = Math.round(flags.grace / 1000);
  const rotated = await askFor(api, way, name, { grace_seconds: graceSeconds, again: flags.again === true });
  try {
    await way.give(rotated);
  } catch (cause) {
    await way.abandon();
    throw new CliError(whatNow(name, flags, graceSeconds, (cause as Error).message), EXIT.failure, { cause });
  }
  const old = graceSeconds === 0 ? "The old one has ended." : `The old one is good until ${graceEnd(graceSeconds)}.`;
  noteLine(terminal, `Rotated token ${name}; the new secret was ${way.where}. ${old}`);
}

async function askFor(api: ApiClient, way: HandOver, name: string, body: object): Promise<Credentials> {
  try {
    return await api.json<Credentials>("POST", `/v1/tokens/${encodeURIComponent(name)}/rotate`, body);
  } catch (error) {
    await way.abandon();
    // A refusal has an answer. Without one the server may have rotated all the same.
    if (!(error instanceof CliError) || error.exitCode !== EXIT.unreachable) throw error;
    throw new CliError(
      `${error.message}\nWhether the token was rotated is not known: relay token inspect ${shellWord(name)} shows it. If it was, its new secret is lost, and --again makes another in its place while the old one stays good.`,
      EXIT.unreachable,
      { cause: error },
    );
  }
}

/** The token has a secret that nobody has: what holds now, and how to go on. */
function whatNow(name: string, flags: RotateFlags, graceSeconds: number, reason: string): string {
  const word = shellWord(name);
  const way = flags.out === undefined ? "--exec 'COMMAND'" : `--out ${shellWord(flags.out)}`;
  const lines = [`the token ${name} was rotated, but its new secret could not be handed over: ${reason}`];
  if (graceSeconds === 0) {
    lines.push(
      "Nobody has the new secret, and the old one has ended: whoever used it is locked out.",
      `To go on, with another token that may manage tokens: relay token rotate ${word} --grace 0 ${way}`,
    );
  } else {
    lines.push(
      `Nobody has the new secret. The old one is good until ${graceEnd(graceSeconds)}, so nothing has stopped.`,
      `To go on before that: relay token rotate ${word} --again --grace ${graceSeconds}s ${way}`,
      "It makes another secret in place of the lost one, and the old one stays good.",
    );
  }
  return lines.join("\n");
}

function graceEnd(graceSeconds: number): string {
  const at = new Date(Date.now() + graceSeconds * 1000).toISOString().replace("T", " ").slice(0, 19);
  return `${at} UTC (${describeDuration(graceSeconds * 1000)})`;
}
