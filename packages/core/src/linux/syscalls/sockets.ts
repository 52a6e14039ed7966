import type { SyscallRow } from './row.ts';

export const socketRows: readonly SyscallRow[] = [];
