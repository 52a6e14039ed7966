import type { ByteReader, ByteWriter } from '../../base/index.ts';

/** Instructions from some pc on that have been translated together. */
interface Translated {
  readonly bytes: number;
  /** The first stretch in which they were. */
  readonly stretch: number;
}

/**
 * In which stretch of a run code was first translated, which is done when it is going to be executed: no stretch before has. That tells
 * apart what shares a mark with instructions that are executed all the time, and takes no time of code that runs.
 */
export class FirstRuns {
  /** By the pc where blocks begin. */
  private readonly blocks = new Map<number, Translated>();
  private longest = 0;
  private asked: { readonly pc: number; readonly stretch: number } | undefined;

  /** A block of `bytes` bytes is translated. */
  translated(pc: number, bytes: number, stretch: number): void {
    const known = this.blocks.get(pc);
    if (known !== undefined && known.bytes >= bytes && known.stretch <= stretch) return;
    this.asked = undefined;
    this.longest = Math.max(this.longest, bytes);
    this.blocks.set(pc, { bytes: Math.max(bytes, known?.bytes ?? 0), stretch: Math.min(stretch, known?.stretch ?? stretch) });
  }

  /** The first stretch that may have executed an instruction; infinity: none has. */
  of(pc: number): number {
    if (this.asked?.pc === pc) return this.asked.stretch;
    let stretch = Number.POSITIVE_INFINITY;
    for (let start = pc; start > pc - this.longest; start--) {
      const block = this.blocks.get(start);
      if (block !== undefined && start + block.bytes > pc) stretch = Math.min(stretch, block.stretch);
    }
    this.asked = { pc, stretch };
    return stretch;
  }

  /** Each two stretches are one, from the first on. */
  thin(): void {
    this.asked = undefined;
    for (const [pc, { bytes, stretch }] of this.blocks) this.blocks.set(pc, { bytes, stretch: Math.floor(stretch / 2) });
  }

  /** Nothing has been translated. */
  clear(): void {
    this.blocks.clear();
    this.longest = 0;
    this.asked = undefined;
  }

  /** For a file: u32 blocks, in ascending order, of each: u53 pc, less the one before  u32 bytes  u32 stretch. */
  write(out: ByteWriter): void {
    out.u32(this.blocks.size);
    let before = 0;
    for (const [pc, { bytes, stretch }] of [...this.blocks].sort(([a], [b]) => a - b)) {
      out.u53(pc - before);
      out.u32(bytes);
      out.u32(stretch);
      before = pc;
    }
  }

  /** What `write` wrote, besides what there is. @param first is added to numbers of stretches */
  read(reader: ByteReader, first: number): void {
    let pc = 0;
    for (let count = reader.u32(); count > 0; count--) {
      pc += reader.u53();
      this.translated(pc, reader.u32(), reader.u32() + first);
    }
  }
}
