/**
 * Kinds of instructions that filters ask for; an instruction can be of several.
 *
 * - `branch`: whatever may go on elsewhere than behind itself, system calls aside;
 * - `load`, `store`: from and to memory, atomic ones included;
 * - `fp`: floating-point arithmetic, comparisons, conversions and moves, of scalars and vectors;
 * - `simd`: vector arithmetic, and loads and stores of structures;
 * - `atomic`: exclusive, acquire and release accesses, and read-modify-writes;
 * - `syscall`: calls of the kernel.
 */
export const INSN_CLASSES = ['branch', 'load', 'store', 'fp', 'simd', 'atomic', 'syscall'] as const;
export type InsnClass = (typeof INSN_CLASSES)[number];
