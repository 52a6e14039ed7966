import type { InsnClass } from '../insnClass.ts';

/** Read-modify-writes and compare-and-swaps (Arm ARM C4.1.94). */
const ATOMIC_MEMORY = /^(CAS|SWP|LD(ADD|CLR|EOR|SET|[SU](MAX|MIN)))/;
/** Exclusive, acquire and release accesses. */
const ORDERED = /^(LDA?X|STL?X|LDAP?U?R|LDLAR|STLL?U?R)/;
const BRANCH = /^(B|BL|BR|BLR|RET|B\.cond|CBN?Z|TBN?Z|BRA\w+|BLRA\w+|RETA\w+)( |$)/;
const FP = /^(F|BF(CVT|DOT|MLAL|MMLA)|[SU]CVTF)/;
const STRUCTURES = /^(LD|ST)[1-4]/;

/** Data processing of vectors: bits 28..25 are x111, and bits 30 and 28 tell scalar floating point apart (Arm ARM C4.1). */
const isVector = (word: number): boolean => (word & 0x0e00_0000) === 0x0e00_0000 && (word & 0x5000_0000) !== 0x1000_0000;

/** @param name of the instruction's row; undefined where there is none */
export function insnClasses(word: number, name: string | undefined): readonly InsnClass[] {
  if (name === undefined) return [];
  const classes: InsnClass[] = [];
  const isAtomic = ATOMIC_MEMORY.test(name);
  if (BRANCH.test(name)) classes.push('branch');
  if (isAtomic || name.startsWith('LD')) classes.push('load');
  if (isAtomic || name.startsWith('ST') || name === 'DC ZVA') classes.push('store');
  if (FP.test(name)) classes.push('fp');
  if (isVector(word) || STRUCTURES.test(name)) classes.push('simd');
  if (isAtomic || ORDERED.test(name)) classes.push('atomic');
  if (name === 'SVC') classes.push('syscall');
  return classes;
}
