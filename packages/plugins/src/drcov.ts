import { type Counter, definePlugin, type PluginImage } from '@everystep/core';
import { hex } from './text.ts';

interface Covered {
  readonly pc: number;
  readonly bytes: number;
  readonly executed: Counter;
}

/**
 * QEMU's contrib/plugins/drcov.c: a coverage file that Lighthouse and its like read. Unlike QEMU 7.2's, blocks have offsets
 * from their module, as those readers expect, and the dynamic linker is a module of its own.
 */
export const drcov = definePlugin({
  apiVersion: 1,
  name: 'drcov',
  description: 'write which blocks ran, for Lighthouse and other readers of drcov files',
  options: [{ name: 'filename', value: 'path', help: 'the file (default file.drcov.trace)' }],
  install(api, args) {
    const filename = args.text('filename') ?? 'file.drcov.trace';
    const blocks = new Map<string, Covered>();
    api.onBlock((block) => {
      const bytes = block.insns.reduce((sum, insn) => sum + insn.bytes, 0);
      const key = `${block.pc} ${bytes}`;
      const known = blocks.get(key) ?? { pc: block.pc, bytes, executed: api.counter() };
      blocks.set(key, known);
      block.count(known.executed);
    });
    api.atExit(() => {
      const covered = [...blocks.values()].filter(({ executed }) => executed.value > 0n);
      api.writeFile(filename, drcovFile(api.images, covered));
    });
  },
});

/** Version 2 of the format; blocks outside all modules are left out. */
function drcovFile(images: readonly PluginImage[], covered: readonly Covered[]): Uint8Array {
  const inside = covered.flatMap((block) => {
    const module = images.findIndex(({ start, end }) => block.pc >= start && block.pc < end);
    return module < 0 ? [] : [{ ...block, module, start: images[module].start }];
  });
  let header = `DRCOV VERSION: 2\nDRCOV FLAVOR: drcov-64\nModule Table: version 2, count ${images.length}\nColumns: id, base, end, entry, path\n`;
  for (const [id, { start, end, entry, path }] of images.entries()) header += `${id}, ${hex(start)}, ${hex(end)}, ${hex(entry)}, ${path}\n`;
  header += `BB Table: ${inside.length} bbs\n`;
  const text = Uint8Array.from(unescape(encodeURIComponent(header)), (character) => character.charCodeAt(0));
  const file = new Uint8Array(text.length + 8 * inside.length);
  file.set(text);
  const view = new DataView(file.buffer, text.length);
  for (const [i, { pc, bytes, module, start }] of inside.entries()) {
    view.setUint32(8 * i, pc - start, true);
    view.setUint16(8 * i + 4, bytes, true);
    view.setUint16(8 * i + 6, module, true);
  }
  return file;
}
