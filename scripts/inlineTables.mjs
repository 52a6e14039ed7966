// An esbuild plugin that writes the numbers of IR ops and WebAssembly opcodes into the code that names them (`OP.i64_add`,
// `CODE['i64.add']`): the tables have hundreds of properties, which the lowering would look up again and again, and a
// `switch` over numbers is a table of jumps. It compiles the patterns of instruction tables, too.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { compilePatterns } from './compilePatterns.mjs';

/** What a module exports, its TypeScript compiled. */
async function load(path) {
  const { outputFiles } = await build({ entryPoints: [path], bundle: true, write: false, format: 'esm', logLevel: 'warning' });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/** `NAME.property` and `NAME['property']`. */
const access = (name) => new RegExp(String.raw`(?<![\w.])${name}(?:\.(\w+)|\['([^']+)'\])`, 'g');

/** @param core the folder of the core's sources */
export async function inlineTables(core) {
  const tables = [
    { file: 'ir/ops.ts', name: 'OP', numbers: (await load(join(core, 'ir/ops.ts'))).OP },
    { file: 'wasm/opcodes.ts', name: 'CODE', numbers: (await load(join(core, 'wasm/opcodes.ts'))).CODE },
  ];
  return {
    name: 'inline-tables',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]core[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
        let contents = compilePatterns(await readFile(path, 'utf8'));
        for (const { file, name, numbers } of tables) {
          if (path === join(core, file) || !new RegExp(String.raw`^import [^;]*\b${name}\b[^;]* from `, 'm').test(contents)) continue;
          const alias = new RegExp(String.raw`^const (\w+) = ${name};$`, 'm').exec(contents)?.[1];
          for (const used of alias === undefined ? [name] : [name, alias]) {
            contents = contents.replace(access(used), (_, property, quoted) => {
              const number = numbers[property ?? quoted];
              if (number === undefined) throw new Error(`${relative(core, path)}: ${name} has no ${property ?? quoted}`);
              return String(number);
            });
          }
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}
