/** The part of WebAssembly, and of the package, that demangling uses: the package declares its entry for bundlers only. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, object>>);
    readonly exports: object;
  }
}

declare module 'gecko-profiler-demangle/index_bg.js' {
  export function __wbg_set_wasm(exports: object): void;
  export function demangle_any(name: string): string;
}
