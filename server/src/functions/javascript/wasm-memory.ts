/** A memory of WebAssembly; the types of Node name none, and those of browsers are not for a server. */
export interface WasmMemory {
  /** Another one after the memory has grown. */
  readonly buffer: ArrayBuffer;
}

interface MemoryMaker {
  readonly WebAssembly: {
    readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  };
}

/** Makes a memory; sizes are in pages of 64 KiB. It can grow to the maximum and not beyond. */
export function newWasmMemory(limits: { readonly initial: number; readonly maximum: number }): WasmMemory {
  const { WebAssembly } = globalThis as unknown as MemoryMaker;
  return new WebAssembly.Memory(limits);
}
