import { AssertionError, type ByteReader } from '../../base/index.ts';
import { Op } from './entries.ts';

/** What an operand is: a number as it is written, or something that takes several. */
export type Operand =
  | 'byte'
  | 'u32'
  | 'u53'
  | 'utf8'
  /** Number of an address space that there is. */
  | 'space'
  /** u53 length, then so many bytes. */
  | 'bytes'
  /** Number of contents. */
  | 'contents'
  /** Ranges of the CPU state. */
  | 'state'
  /** byte 1 and 8 bytes, or byte 0. */
  | 'result'
  /** byte 1 and ranges of the CPU state, or byte 0. */
  | 'maybeState'
  /** u32 parts, each with what Op.files says. */
  | 'parts';

/** The operands of each op, in order; see Op. */
const OPERANDS: Readonly<Record<keyof typeof Op, readonly Operand[]>> = {
  state: ['state'],
  pc: ['u53'],
  map: ['space', 'u53', 'u53', 'u32', 'byte', 'utf8'],
  mapSame: ['space', 'u53', 'u53', 'u32', 'utf8', 'space', 'u53'],
  unmap: ['space', 'u53', 'u53'],
  protect: ['space', 'u53', 'u53', 'u32'],
  write: ['space', 'u53', 'bytes'],
  contents: ['space', 'u53', 'contents'],
  create: [],
  fork: [],
  release: ['space'],
  enter: ['space'],
  thread: ['u32', 'u32'],
  threadEnd: ['u32'],
  output: ['u32', 'u53'],
  signal: ['u32', 'u32'],
  returned: ['result'],
  switched: [],
  files: ['u32', 'byte', 'utf8', 'parts'],
  threadStart: ['u32', 'u32', 'space', 'byte', 'u53', 'maybeState'],
  signalInfo: ['bytes'],
  processEnd: ['u32', 'byte', 'u32'],
  execute: ['u32', 'bytes'],
  vforkDone: ['u32', 'u32'],
  outputOf: ['u32', 'bytes'],
};

const BY_NUMBER: readonly (readonly Operand[])[] = Object.entries(Op).reduce<(readonly Operand[])[]>((table, [name, number]) => {
  table[number] = OPERANDS[name as keyof typeof Op];
  return table;
}, []);

/** Who wants to know of operands that are passed over. */
export interface OperandVisitor {
  space?(number: number): void;
  contents?(number: number): void;
  /** Bytes that are written to memory, or come with an op. */
  bytes?(length: number): void;
  /** The path of a file that is mapped, and that the recorded system had. */
  file?(path: string): void;
}

/** Passes over an op's operands. @throws AssertionError for an op that there is not, and where the operands are longer than the entry */
export function skipOperands(op: number, ops: ByteReader, visitor: OperandVisitor = {}): void {
  const operands = BY_NUMBER[op];
  if (operands === undefined) throw new AssertionError(`there is no op ${op}`);
  for (const operand of operands) skipOperand(operand, ops, visitor);
}

/** Passes over one operand. */
export function skipOperand(operand: Operand, ops: ByteReader, visitor: OperandVisitor = {}): void {
  // Read whether or not anybody asks.
  let told: number;
  switch (operand) {
    case 'byte':
      ops.byte();
      return;
    case 'u32':
      ops.u32();
      return;
    case 'u53':
      ops.u53();
      return;
    case 'utf8':
      ops.utf8();
      return;
    case 'space':
      told = ops.u32();
      visitor.space?.(told);
      return;
    case 'contents':
      told = ops.u32();
      visitor.contents?.(told);
      return;
    case 'bytes':
      told = ops.bytes(ops.u53()).length;
      visitor.bytes?.(told);
      return;
    case 'state':
      return skipState(ops);
    case 'maybeState':
      if (ops.byte() === 1) skipState(ops);
      return;
    case 'result':
      if (ops.byte() === 1) ops.bytes(8);
      return;
    case 'parts':
      for (let parts = ops.u32(); parts > 0; parts--) {
        for (let i = 0; i < 3; i++) ops.u53();
        ops.u32();
        const isFile = ops.byte() === 1;
        const name = ops.utf8();
        if (isFile) visitor.file?.(name);
      }
      return;
  }
}

function skipState(ops: ByteReader): void {
  for (let ranges = ops.u32(); ranges > 0; ranges--) {
    ops.u32();
    ops.bytes(ops.u32() * 4);
  }
}
