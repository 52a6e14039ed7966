import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as glue from 'gecko-profiler-demangle/index_bg.js';

/** C++ (Itanium ABI) and Rust, old and new. */
const MANGLED = /^_?_[ZR]/;

/** Demangles names of C++ and Rust; others it gives back. What it needs is read when the first such name comes. */
export function demangler(): (name: string) => string {
  let isLoaded = false;
  return (name) => {
    if (!MANGLED.test(name)) return name;
    if (!isLoaded) load();
    isLoaded = true;
    return glue.demangle_any(name);
  };
}

/** The package is made for bundlers that know WebAssembly; this is what they would do. */
function load(): void {
  const file = createRequire(import.meta.url).resolve('gecko-profiler-demangle/index_bg.wasm');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), { './index_bg.js': { ...glue } });
  glue.__wbg_set_wasm(exports);
  (exports as { readonly __wbindgen_start: () => void }).__wbindgen_start();
}
