import { compileSaved, type NativeCode, type SavedBytes, SavedCode, type TranslationStore } from '../../packages/core/src/engine/index.ts';
import type { Guest } from '../../packages/core/src/guest/index.ts';
import { Random } from '../fuzz/random.ts';

/** Keeps translations in memory, and can damage them. */
export class MemoryStore implements TranslationStore {
  private readonly files = new Map<string, Uint8Array>();

  get size(): number {
    return this.files.size;
  }

  open(key: string): SavedBytes | undefined {
    const file = this.files.get(key);
    return file && { read: (offset, length) => file.slice(offset, offset + length) };
  }

  save(key: string, parts: readonly Uint8Array[]): void {
    this.files.set(key, Uint8Array.from(Buffer.concat(parts)));
  }

  /** As `everystep cache` does. */
  compile(guest: Guest, { compile }: NativeCode): void {
    for (const key of this.files.keys()) {
      const bytes = this.open(key);
      const saved = bytes && SavedCode.open(bytes);
      const compiled = saved && compileSaved(saved, guest, { compile, mayGoOn: () => true, slotsOfOthers: [], warmRuns: 1 });
      if (compiled !== undefined) this.save(key, compiled.parts);
    }
  }

  /** Changes one byte in so many of each file, and cuts the end off. */
  damage(seed: number, oneIn: number): void {
    const random = new Random(seed);
    for (const [key, file] of this.files) {
      const damaged = file.slice(0, file.length - random.below(file.length >> 2));
      for (let i = 0; i < damaged.length; i += oneIn) {
        const at = Math.min(i + random.below(oneIn), damaged.length - 1);
        damaged[at] = (damaged[at] as number) ^ (1 + random.below(255));
      }
      this.files.set(key, damaged);
    }
  }
}
