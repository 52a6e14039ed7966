/** Has V8 collect all garbage now: regions' modules keep their memory mappings until then. */
export function collectGarbage(): void {
  // Loaded when it is needed: a program of few regions never needs it.
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
  const collect: unknown = process.getBuiltinModule('node:vm').runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
