// Bundles a program in parts: the main one, and others whose modules are evaluated, and read from their file, when one of
// their exports is first used. The sources have plain imports: which modules begin a part is said here alone (`parts`).
// Importers of these use them in functions only, never while they are evaluated. What several parts need, and the main one does
// not, is in one of them that lends it to the others, or in a part of its own, which they load.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/** Exports of a module that are functions, of those that it declares itself. */
async function functionsOf(path) {
  const text = await readFile(path, 'utf8');
  return new Set([...text.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name]) => name));
}

/** Names that modules export, those of `export *` included, by their paths: found for all of them at once, as one by one takes a minute. */
async function exportsOfAll(root, paths, options) {
  const { metafile } = await build({
    ...options,
    absWorkingDir: root,
    entryPoints: paths,
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    outdir: 'x',
    logLevel: 'error',
  });
  const outputs = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  return new Map(outputs.map(({ entryPoint, exports }) => [resolve(root, entryPoint), exports]));
}

/** TypeScript modules below folders, without tests and declarations. */
export async function modulesBelow(folders) {
  const found = await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })));
  return found.flat().flatMap((e) => (e.isFile() && /(?<!\.test|\.d)\.ts$/.test(e.name) ? [join(e.parentPath, e.name)] : []));
}

const literal = JSON.stringify;

/** Name of the part with what several others need. */
const COMMON = 'common';

/** An entry point that is text. */
const fromText = (root, text) => ({ stdin: { contents: text, resolveDir: root, loader: 'ts', sourcefile: 'entry.ts' } });

/** What a build has made. */
function texts({ outputFiles }) {
  const [map, text] = ['.js.map', '.js'].map((end) => outputFiles.find(({ path }) => path.endsWith(end)).text);
  return { text, map };
}

/** Modules of a build that have code in its output, but for those made here. */
const included = (root, { metafile }) =>
  Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && !path.includes(':') && path !== 'entry.ts')
    .map(([path]) => resolve(root, path));

/**
 * @param root folder that paths of modules are relative to
 * @param modules paths of all modules
 * @param entry the main part's entry module
 * @param parts the names of parts, each with the modules that begin it
 * @param lenders names of parts that others load for what they need of them: those that most runs need, the first first
 * @param options esbuild's, for all parts
 * @returns text and source map of each part, the main one as '': in CommonJS, but that the main part has a function `loadPart(name)` that
 *   gives the exports of a part, and other parts an object `shared`, which the main part exports
 */
export async function bundleParts({ root, modules, entry, parts, lenders, options }) {
  const common = { ...options, absWorkingDir: root, write: false, metafile: true, bundle: true, format: 'cjs', sourcemap: 'external', sourcesContent: false };
  const plugins = options.plugins ?? [];
  const partOf = new Map(Object.entries(parts).flatMap(([name, modules]) => modules.map((path) => [resolve(root, path), name])));
  const names = await exportsOfAll(root, modules, options);
  const exported = (path) => names.get(path);
  const idOf = (path) => relative(root, path);

  const partText = (path) => `loadPart(${literal(partOf.get(path))})[${literal(idOf(path))}]`;

  /** Stands for modules that begin another part than `name`: their exports load it. */
  const lazily = (name) => ({
    name: 'lazily',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
        const resolved = resolve(resolveDir, path);
        const other = partOf.get(resolved);
        return other === undefined || other === name ? undefined : { path: resolved, namespace: 'lazy' };
      });
      // ES modules that name their exports, as `export *` of a CommonJS module could export anything, and everything that is imported
      // through such an index would be kept. Functions load the part when they are called; what else there is comes from getters.
      onResolve({ filter: /^getters$/, namespace: 'lazy' }, ({ importer }) => ({ path: importer, namespace: 'getters' }));
      onLoad({ filter: /./, namespace: 'lazy' }, async ({ path }) => {
        const part = partText(path);
        const functions = await functionsOf(path);
        const others = exported(path).filter((each) => !functions.has(each));
        const lines = exported(path)
          .filter((each) => functions.has(each))
          // Some are called for each block: they are looked for once.
          .map((each) => `let ${each}OfPart; export function ${each}(...given) { return (${each}OfPart ??= ${part}.${each})(...given); }`);
        if (others.length > 0) lines.push(`export { ${others.join(', ')} } from 'getters';`);
        return { contents: lines.join('\n'), loader: 'js' };
      });
      onLoad({ filter: /./, namespace: 'getters' }, async ({ path }) => {
        const part = partText(path);
        const getters = exported(path).map((each) => `get ${each}(){return ${part}.${each}}`);
        return { contents: `module.exports={__esModule:true,${getters.join(',')}}`, loader: 'js' };
      });
    },
  });

  const buildMain = (needed) => {
    const shared = [...needed].map((path, i) => `import * as shared${i} from ${literal(path)};`);
    const table = [...needed].map(
      (path, i) =>
        `${literal(idOf(path))}: () => ({ ${names
          .get(path)
          .map((each) => `${each}: shared${i}.${each}`)
          .join(', ')} })`,
    );
    const text = [...shared, `export * from ${literal(resolve(root, entry))};`, `export const shared = { ${table.join(',\n')} };`].join('\n');
    return build({ ...common, ...fromText(root, text), outfile: 'main.js', plugins: [lazily(''), ...plugins] });
  };

  /** Stands for modules of the main part, and of others that lend them. */
  const sharing = (inMain, lent) => ({
    name: 'sharing',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!inMain.has(path) && !lent.has(path)) return undefined;
        const module = inMain.has(path) ? `shared[${literal(idOf(path))}]()` : `loadPart(${literal(lent.get(path))})[${literal(idOf(path))}]`;
        const list = exported(path);
        return { contents: `const module=${module};\n${list.map((each) => `export const ${each}=module.${each};`).join('\n')}`, loader: 'js' };
      });
    },
  });

  /** A part that exports these modules. */
  const buildPart = (name, modules, inMain, lent) => {
    const text = modules.map((path, i) => `import * as root${i} from ${literal(path)};`);
    const table = modules.map((path, i) => `${literal(idOf(path))}: root${i}`);
    const contents = `${text.join('\n')}\nmodule.exports = { ${table.join(', ')} };`;
    return build({ ...common, ...fromText(root, contents), outfile: 'part.js', plugins: [lazily(name), sharing(inMain, lent), ...plugins] });
  };

  let needed = new Set();
  /** Modules that several parts need, and the part that has them. */
  const lent = new Map();
  const lentBy = (name) => [...lent].filter(([, lender]) => lender === name).map(([path]) => path);
  const lentToOthers = (name) => new Map([...lent].filter(([, lender]) => lender !== name));
  for (;;) {
    // Of libraries.
    const unknown = [...needed, ...lent.keys()].filter((path) => !names.has(path));
    if (unknown.length > 0) for (const [path, list] of await exportsOfAll(root, unknown, options)) names.set(path, list);
    const main = await buildMain(needed);
    const inMain = new Set(included(root, main).filter((path) => !partOf.has(path)));
    const built = new Map();
    const common = lentBy(COMMON);
    if (common.length > 0) built.set(COMMON, await buildPart(COMMON, common, inMain, lentToOthers(COMMON)));
    for (const [name, paths] of Object.entries(parts)) {
      const modules = [...paths.map((path) => resolve(root, path)), ...lentBy(name)];
      built.set(name, await buildPart(name, modules, inMain, lentToOthers(name)));
    }
    const users = new Map();
    const nowNeeded = new Set();
    let stable = true;
    for (const [name, part] of built) {
      for (const path of included(root, part)) {
        if (inMain.has(path)) nowNeeded.add(path);
        else users.set(path, [...(users.get(path) ?? []), name]);
      }
    }
    for (const [path, names] of users) {
      if (names.length === 1) continue;
      // A lender borrows of those before it only.
      const lender = lenders.find((name) => names.includes(name)) ?? COMMON;
      if (lent.get(path) !== lender) stable = false;
      lent.set(path, lender);
    }
    for (const path of nowNeeded) if (!needed.has(path)) stable = false;
    if (stable) return new Map([['', texts(main)], ...[...built].map(([name, part]) => [name, texts(part)])]);
    needed = nowNeeded;
  }
}
