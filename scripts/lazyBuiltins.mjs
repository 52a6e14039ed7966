// An esbuild plugin that loads modules of Node's when one of their exports is first used. Importers use them in functions
// only, or load them all the same.
import { readFile } from 'node:fs/promises';

/** Names that modules use of one of Node's, those of types alone included. */
async function importsFrom(builtin, paths) {
  const found = new Set();
  for (const path of paths) {
    const text = await readFile(path, 'utf8');
    for (const [, whole, names] of text.matchAll(new RegExp(`^import (?:(?:\\* as )?(\\w+)|\\{([^}]*)\\}) from '${builtin}';`, 'gm'))) {
      for (const each of names?.split(',') ?? []) found.add(each.trim().split(' as ')[0]);
      if (whole === undefined) continue;
      found.add('default');
      for (const [, name] of text.matchAll(new RegExp(`\\b${whole}\\.(\\w+)`, 'g'))) found.add(name);
    }
  }
  return found;
}

/**
 * @param names of the modules, `node:` included
 * @param paths of the program's modules; others load what they import at once
 */
export async function lazyBuiltins(names, paths) {
  const own = new Set(paths);
  const usedOf = new Map();
  for (const name of names) {
    const used = await importsFrom(name, paths);
    usedOf.set(
      name,
      Object.keys(await import(name)).filter((each) => used.has(each)),
    );
  }
  return {
    name: 'lazy-builtins',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^node:/ }, ({ path, importer }) => (usedOf.has(path) && own.has(importer) ? { path, namespace: 'lazy-builtin' } : undefined));
      onLoad({ filter: /./, namespace: 'lazy-builtin' }, ({ path }) => {
        const module = `process.getBuiltinModule(${JSON.stringify(path)})`;
        const getters = usedOf.get(path).map((name) => `get ${name}(){return ${module}${name === 'default' ? '' : `.${name}`}}`);
        return { contents: `module.exports={__esModule:true,${getters.join(',')}}`, loader: 'js' };
      });
    },
  };
}
