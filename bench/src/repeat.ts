import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext } from "./bench-context.js";
import { atLeast, atMost } from "./figure.js";
import { watchMachine } from "./measure/machine.js";
import { residentMiB } from "./measure/process-usage.js";
import { createRig } from "./rig.js";
import { answerRows } from "./rows/answer.js";
import { backPressureRow } from "./rows/back-pressure.js";
import { bareRows } from "./rows/bare.js";
import { deliverRow } from "./rows/deliver.js";
import { functionRows } from "./rows/function.js";
import { hangingRows } from "./rows/hanging.js";
import { highestCleanRateRow } from "./rows/highest-clean-rate.js";
import { ingestRows } from "./rows/ingest.js";
import { manifestRows } from "./rows/manifest.js";
import { millionWaitingRows } from "./rows/million-waiting.js";
import { openLoopRows } from "./rows/open-loop.js";
import { publicRows } from "./rows/public.js";
import { reconnectStormRows } from "./rows/reconnect-storm.js";
import { retryStormRows } from "./rows/retry-storm.js";
import { terraformRows } from "./rows/terraform.js";

/** Names for `--only`. */
export const ROWS: readonly string[] = [
  "bare",
  "memory",
  "open-loop",
  "grpc",
  "github",
  "highest",
  "back-pressure",
  "ws",
  "ingest",
  "public",
  "hanging",
  "retry-storm",
  "function",
  "answer",
  "storm",
  "million",
  "manifest",
  "terraform",
];

const CLOSED_LOOP = [
  { connections: 16, target: atLeast(7_000, 0.15) },
  { connections: 64, target: atLeast(10_000, 0.25) },
  { connections: 256, target: atLeast(10_000, 0.25) },
];

/** Measures every chosen row once: one server on a fresh data directory for most, own ones for the others. */
export async function runRepeat(context: BenchContext, rows: readonly string[]): Promise<void> {
  const wants = (...names: string[]) => names.some((name) => rows.includes(name));
  if (wants("bare", "grpc", "ws", "github", "ingest", "public", "function")) await bareRows(context);

  if (wants("memory", "open-loop", "grpc", "github", "highest", "back-pressure", "ws", "ingest")) {
    const rig = await createRig(context, "relay");
    try {
      await rig.startAgent("grpc");
      if (wants("memory")) {
        const noise = watchMachine();
        await sleep(context.pace.quick ? 2_000 : 5_000);
        context.add({
          name: "server RSS, idle",
          value: residentMiB(rig.server.pid),
          unit: "MiB",
          target: atMost(150),
          noise: noise(),
        });
        context.add({
          name: "agent RSS, idle",
          value: residentMiB(rig.agent?.pid ?? 0),
          unit: "MiB",
          target: atMost(80),
          noise: noise(),
        });
      }
      if (wants("open-loop")) await openLoopRows(context, rig);
      if (wants("grpc")) {
        for (const { connections, target } of CLOSED_LOOP) {
          await deliverRow(context, rig, {
            name: `gRPC, 1 KB, ${connections} connections`,
            connections,
            payload: "1k",
            target,
          });
        }
      }
      if (wants("github")) {
        await deliverRow(context, rig, {
          name: "gRPC, 7.7 KB, 64 connections",
          connections: 64,
          payload: "github",
          target: atLeast(4_000),
        });
      }
      if (wants("highest")) await highestCleanRateRow(context, rig);
      if (wants("back-pressure")) await backPressureRow(context, rig);
      if (wants("ws")) {
        await rig.stopAgent();
        await rig.startAgent("ws");
        for (const { connections, target } of CLOSED_LOOP) {
          await deliverRow(context, rig, {
            name: `WebSocket, 1 KB, ${connections} connections`,
            connections,
            payload: "1k",
            target,
          });
        }
      }
      if (wants("ingest")) await ingestRows(context, rig);
    } finally {
      await rig.stop();
    }
  }
  if (wants("public")) await publicRows(context);
  if (wants("hanging")) await hangingRows(context);
  if (wants("retry-storm")) await retryStormRows(context);
  if (wants("function")) await functionRows(context);
  if (wants("answer")) await answerRows(context);
  if (wants("storm")) await reconnectStormRows(context);
  if (wants("million")) await millionWaitingRows(context);
  if (wants("manifest")) await manifestRows(context);
  if (wants("terraform")) await terraformRows(context);
}
