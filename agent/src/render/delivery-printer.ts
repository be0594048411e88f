import type { Writable } from "node:stream";
import type { ForwardReport } from "../forward/forwarder.js";

/** Prints finished deliveries without ever slowing them down. */
export interface DeliveryPrinter {
  add(report: ForwardReport): void;
  /** Writes what is gathered and stops. */
  close(): void;
}

export interface DeliveryPrinterOptions {
  readonly stdout: Writable;
  /** A line without its end. */
  format(report: ForwardReport, at: Date): string;
  /** The line that stands for those not printed. */
  formatDropped(count: number): string;
  /** Most lines per flush; null prints all that the reader takes. */
  readonly most: number | null;
}

const FLUSH_MS = 50;
/** Gathered while the reader is slow; beyond it they are counted only. */
const MOST_GATHERED = 10_000;

/**
 * Lines are gathered and written once per 50 ms. A reader that does not keep up (a full pipe, a slow terminal) loses lines
 * and gets a count of them instead: memory and the deliveries' own speed do not depend on it.
 */
export function createDeliveryPrinter(options: DeliveryPrinterOptions): DeliveryPrinter {
  const { stdout } = options;
  let gathered: { readonly report: ForwardReport; readonly at: Date }[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | null = null;

  const flush = (): void => {
    timer = null;
    if (stdout.writableNeedDrain) {
      timer = setTimeout(flush, FLUSH_MS);
      return;
    }
    const entries = gathered;
    gathered = [];
    if (options.most !== null && entries.length > options.most) {
      dropped += entries.length - options.most;
      entries.length = options.most;
    }
    let text = "";
    for (const { report, at } of entries) text += `${options.format(report, at)}\n`;
    if (dropped > 0) text += `${options.formatDropped(dropped)}\n`;
    dropped = 0;
    stdout.write(text);
  };

  return {
    add(report) {
      if (gathered.length >= MOST_GATHERED) dropped += 1;
      else gathered.push({ report, at: new Date() });
      timer ??= setTimeout(flush, FLUSH_MS);
    },
    close() {
      if (timer === null) return;
      clearTimeout(timer);
      if (!stdout.writableNeedDrain) flush();
    },
  };
}
