import { PROT_EXEC, PROT_GUARDED, PROT_READ, PROT_WRITE } from './seams.ts';

/** Guest page size; Linux on AArch64 as QEMU emulates it. */
export const PAGE = 4096;

/** A maximal run of pages with one permission and contiguous storage. */
export interface Arena {
  /** First guest address. */
  readonly start: number;
  /** First guest address behind. */
  readonly end: number;
  /** Linear offset of `start`. */
  readonly storage: number;
}

/** One mapping as the guest made it, for /proc/self/maps and `-d page`. */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  /** PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GUARDED */
  readonly prot: number;
  /** What is mapped: a path, [heap], [stack], or empty. */
  readonly name: string;
}

/** A run of pages with one permission, one name and contiguous storage. */
export interface Vma extends Mapping {
  /** Linear offset of `start`; -1 for pages without storage, whose permission is none. */
  readonly storage: number;
  /** MAP_SHARED: a fork has the same pages, not copies. */
  readonly shared: boolean;
  /** Other address spaces may have these pages, too: they are copied before they are written. */
  readonly cow: boolean;
}

/** A permission as pages keep it. */
export const kept = (prot: number): number => ((prot & PROT_EXEC) === 0 ? prot & ~PROT_GUARDED : prot);

/** Whether a page with permission `prot` permits `wanted` (0: merely that it is mapped). */
export function permits(prot: number, wanted: number): boolean {
  return wanted === PROT_READ ? prot !== 0 : (prot & wanted) === wanted;
}

/** Whether a VMA belongs to arenas for `prot`. Stores to executable pages must go the slow way, which drops blocks. */
export function inArena(vma: Vma, prot: number): boolean {
  return permits(vma.prot, prot) && !(prot === PROT_WRITE && (vma.cow || (vma.prot & PROT_EXEC) !== 0));
}

/** Whether `b` continues `a`, in the guest and in storage. */
export function continues(a: Vma, b: Vma): boolean {
  return a.end === b.start && (a.storage < 0 ? b.storage < 0 : b.storage === a.storage + (a.end - a.start));
}

/** A VMA of these fields. All are made here: of one shape, so that V8 finds their fields without looking for them. */
export const makeVma = ({ start, end, prot, name, storage, shared, cow }: Vma): Vma => ({ start, end, prot, name, storage, shared, cow });

/** The two parts of a VMA that `at` lies in. */
export function split(vma: Vma, at: number): [Vma, Vma] {
  return [makeVma({ ...vma, end: at }), makeVma({ ...vma, start: at, storage: vma.storage < 0 ? -1 : vma.storage + (at - vma.start) })];
}
