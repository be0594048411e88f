import releaseSync from "@jitl/quickjs-wasmfile-release-sync";
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSSyncVariant } from "quickjs-emscripten-core";
import type { FunctionCall } from "../function-call.js";
import { FUNCTION_LIMITS } from "../function-limits.js";
import type { Guest } from "../guest.js";
import type { GuestOutcome } from "../guest-outcome.js";
import { MemoryImage } from "../memory-image.js";
import type { RunState } from "../run-state.js";
import { JavascriptSandbox } from "./sandbox.js";
import { newWasmMemory } from "./wasm-memory.js";

/** An interpreter, the sandbox that is ready in it, and the memory that both live in. */
interface Loaded {
  readonly sandbox: JavascriptSandbox;
  readonly image: MemoryImage;
}

/** Pages of 64 KiB that QuickJS is compiled to begin with. */
const INITIAL_PAGES = 256;

/** A memory that grew by more than this, in bytes, is given up when another bucket comes: it would all have to be erased. */
const KEPT_GROWTH = 16 << 20;

// Its types describe the CommonJS file, whatever is imported.
const VARIANT = releaseSync as unknown as QuickJSSyncVariant;

/** JavaScript by QuickJS. Each run starts in the same memory, byte for byte; what another bucket left there is erased. */
export class JavascriptGuest implements Guest {
  #loaded: Loaded | undefined;
  #used = false;
  #bucketId: string | undefined;

  async prepare(): Promise<void> {
    if (this.#loaded === undefined) {
      this.#loaded = await load();
      // Touches every page once, so that the first change of buckets does not.
      this.#loaded.image.restoreAll();
      this.#bucketId = undefined;
    } else if (this.#used) this.#loaded.image.restore();
    this.#used = false;
  }

  async run(call: FunctionCall, run: RunState, deadlineMs: number): Promise<GuestOutcome> {
    const { sandbox } = await this.#readyFor(call.bucketId);
    this.#used = true;
    try {
      return sandbox.run(call.source, run, deadlineMs);
    } catch (error) {
      // It left the interpreter by the emergency exit: nothing in that memory is to be relied on any more.
      this.#loaded = undefined;
      if (error instanceof RangeError)
        return { kind: "failed", reason: "error", message: "InternalError: stack overflow" };
      return { kind: "failed", reason: "crashed", message: "the JavaScript interpreter gave up on this function" };
    }
  }

  async #readyFor(bucketId: string): Promise<Loaded> {
    const changed = this.#bucketId !== undefined && this.#bucketId !== bucketId;
    if (changed && this.#loaded !== undefined) {
      if (this.#loaded.image.grown > KEPT_GROWTH) this.#loaded = undefined;
      else this.#loaded.image.restoreAll();
    }
    await this.prepare();
    this.#bucketId = bucketId;
    return this.#loaded ?? load();
  }
}

async function load(): Promise<Loaded> {
  const memory = newWasmMemory({ initial: INITIAL_PAGES, maximum: FUNCTION_LIMITS.javascriptPages });
  const module = await newQuickJSWASMModuleFromVariant(newVariant(VARIANT, { wasmMemory: memory }));
  const sandbox = new JavascriptSandbox(module);
  return { sandbox, image: new MemoryImage(() => new Uint8Array(memory.buffer)) };
}
