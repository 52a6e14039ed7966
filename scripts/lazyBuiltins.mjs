// An esbuild plugin that loads modules of Node's when one of their exports is first used. Importers use them in functions
// only, or load them all the same.

/** @param names of the modules, `node:` included */
export async function lazyBuiltins(names) {
  const exportsOf = new Map();
  for (const name of names) exportsOf.set(name, Object.keys(await import(name)));
  return {
    name: 'lazy-builtins',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^node:/ }, ({ path }) => (exportsOf.has(path) ? { path, namespace: 'lazy-builtin' } : undefined));
      onLoad({ filter: /./, namespace: 'lazy-builtin' }, ({ path }) => {
        const module = `process.getBuiltinModule(${JSON.stringify(path)})`;
        const getters = exportsOf.get(path).map((name) => `get ${name}(){return ${module}${name === 'default' ? '' : `.${name}`}}`);
        return { contents: `module.exports={__esModule:true,${getters.join(',')}}`, loader: 'js' };
      });
    },
  };
}
