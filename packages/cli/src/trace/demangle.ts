import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { lazy } from '@everystep/core';
import * as glue from 'gecko-profiler-demangle/index_bg.js';

/** C++ (Itanium ABI) and Rust, old and new. */
const MANGLED = /^_?_[ZR]/;

/** The package is made for bundlers that know WebAssembly; this is what they would do. It holds one instance for all. */
const demangleAny = lazy(() => {
  const file = createRequire(import.meta.url).resolve('gecko-profiler-demangle/index_bg.wasm');
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), { './index_bg.js': { ...glue } });
  glue.__wbg_set_wasm(exports);
  (exports as { readonly __wbindgen_start: () => void }).__wbindgen_start();
  return glue.demangle_any;
});

/** Demangles a name of C++ or Rust; others it gives back. What it needs is read when the first such name comes. */
export function demangle(name: string): string {
  if (!MANGLED.test(name)) return name;
  const demangled = demangleAny()(name);
  // What it does not know it takes for a name of macOS, which has an underscore before it.
  return demangled === name.slice(1) ? name : demangled;
}
