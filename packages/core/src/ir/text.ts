import { type Block, type IrBuffer, NONE, type Terminator, TYPES } from './buffer.ts';
import { FlagKind } from './flags.ts';
import { accessBytes, MARK_MASK } from './marks.ts';
import { InputKind, OP_TABLE, type SpecialOp } from './ops.ts';
import type { StateLayout } from './state.ts';

const nameOf = (table: Readonly<Record<string, number>>, value: number): string => Object.keys(table).find((name) => table[name] === value) ?? String(value);
const CONDITIONS = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le'];
const hex = (n: number): string => `0x${n.toString(16)}`;

/** Decimal where that is short, else hexadecimal of the unsigned value. */
function integer(bits: 32 | 64, value: bigint): string {
  return value > -1024n && value < 1024n ? String(value) : `0x${BigInt.asUintN(bits, value).toString(16)}`;
}

/**
 * A block as text, one op a line, for `-d op` and test failures. Values are %0, %1, … counted from the block's first
 * op; constants stand where they are used, floating-point ones as the hexadecimal of their bits.
 */
export function blockText(buffer: IrBuffer, block: Block, layout: StateLayout): string {
  return new Printer(buffer, block, layout).text();
}

class Printer {
  constructor(
    private readonly buffer: IrBuffer,
    private readonly block: Block,
    private readonly layout: StateLayout,
  ) {}

  text(): string {
    const { block } = this;
    const lines = [`block ${hex(block.pc)}, ${block.insns} insns, ${block.bytes} bytes`];
    for (let i = block.start; i < block.end; i++) {
      const line = this.op(i);
      if (line !== undefined) lines.push(line);
    }
    lines.push(`  ${this.terminator(block.terminator)}`);
    return `${lines.join('\n')}\n`;
  }

  private name(value: number): string {
    return `%${value - this.block.start}`;
  }

  /** A value as it stands at its use. */
  private value(i: number): string {
    const { buffer } = this;
    const lo = BigInt(buffer.imm[i] >>> 0);
    const both = lo | (BigInt(buffer.imm2[i] >>> 0) << 32n);
    switch (OP_TABLE[buffer.op[i]]?.name) {
      case 'i32_const':
        return integer(32, BigInt(buffer.imm[i]));
      case 'i64_const':
        return integer(64, BigInt.asIntN(64, both));
      case 'f32_const':
        return `f32:0x${lo.toString(16).padStart(8, '0')}`;
      case 'f64_const':
        return `f64:0x${both.toString(16).padStart(16, '0')}`;
      case 'v128_const':
        return `v128:0x${[...(buffer.constants[buffer.imm[i]] ?? [])]
          .reverse()
          .map((b) => b.toString(16).padStart(2, '0'))
          .join('')}`;
      default:
        return this.name(i);
    }
  }

  private op(i: number): string | undefined {
    const { buffer } = this;
    const info = OP_TABLE[buffer.op[i]];
    if (info.name.endsWith('_const')) return undefined;
    if (info.name === 'insn') return this.insn(i);
    const result = TYPES[buffer.type[i]] === undefined ? '' : `${this.name(i)} = `;
    const [a, b, c] = [buffer.a[i], buffer.b[i], buffer.c[i]];
    switch (info.kind) {
      case 'special':
        return `    ${result}${info.name}${this.special(info.name as SpecialOp, i)}`;
      case 'load':
        return `    ${result}${info.name} [${this.value(a)}]${c === NONE ? '' : ` if ${this.value(c)}`}`;
      case 'store':
        return `    ${info.name} [${this.value(a)}], ${this.value(b)}${c === NONE ? '' : ` if ${this.value(c)}`}`;
      default: {
        const operands = [a, b, c].filter((operand) => operand !== NONE).map((operand) => this.value(operand));
        if (info.kind === 'lane') operands.push(`lane ${buffer.imm[i]}`);
        return `    ${result}${info.name} ${operands.join(', ')}`;
      }
    }
  }

  private insn(i: number): string {
    const index = this.buffer.imm[i];
    const pc = this.block.pc + (this.block.insnOffsets?.[index] ?? index * 4);
    return `  insn ${hex(pc)} ${(this.buffer.imm2[i] >>> 0).toString(16).padStart(8, '0')}`;
  }

  private special(name: SpecialOp, i: number): string {
    const { buffer } = this;
    const [a, b, c] = [buffer.a[i], buffer.b[i], buffer.c[i]];
    const imm = buffer.imm[i];
    const register = (): string => this.layout.registers[imm]?.name ?? `register ${imm}`;
    switch (name) {
      case 'getReg':
        return ` ${register()}`;
      case 'setReg':
        return ` ${register()}, ${this.value(a)}`;
      case 'setFlags':
        return ` ${nameOf(FlagKind, imm & 15)} ${this.value(a)}, ${this.value(b)}${c === NONE ? '' : ` if ${this.value(c)} else ${nzcvText((imm >> 4) & 15)}`}`;
      case 'flagTest':
        return ` ${CONDITIONS[imm] ?? imm}`;
      case 'fusedMadd':
        return ` ${imm} ${this.value(a)} * ${this.value(b)} + ${this.value(c)}`;
      case 'i8x16_shuffle':
        return ` ${this.value(a)}, ${this.value(b)}, [${[...(buffer.constants[imm] ?? [])].join(' ')}]`;
      case 'helper':
        return ` ${this.call(i)}`;
      case 'coldHelper':
        return ` ${this.value(a)} ? ${this.call(i)} : ${this.value(b)}${c === NONE ? '' : ` within ${this.value(c)}`}`;
      case 'checkAligned':
        return ` ${this.value(a)}, ${imm} bytes`;
      case 'trapIf':
        return ` ${this.value(a)}, code ${imm}, argument ${buffer.imm2[i]}`;
      case 'input':
        return ` ${nameOf(InputKind, imm)}`;
      case 'ringReserve':
        return ` block ${imm}, ${buffer.imm2[i]} bytes`;
      case 'ringStep':
        return ` to +${imm}`;
      case 'ringStore':
        return ` ${this.value(a)} to +${imm}, ${buffer.imm2[i]} bytes`;
      case 'ringCommit':
        return ` ${imm} bytes${a === NONE ? '' : ` if ${this.value(a)}`}`;
      case 'count':
        return ` block ${imm}, ${buffer.imm2[i]} instructions`;
      case 'counterGet':
        return ` ${hex(imm)}`;
      case 'counterSet':
        return ` ${hex(imm)}, ${this.value(a)}`;
      case 'mark':
        return a === NONE ? ` ${hex(imm)}` : ` ${hex(imm)} by ${this.value(a)}, mask ${hex(buffer.imm2[i] & MARK_MASK)}, ${accessBytes(buffer.imm2[i])} bytes`;
      case 'callback':
        return ` ${imm}${a === NONE ? '' : ` if ${this.value(a)}`}${buffer.imm2[i] === 1 ? ', may leave' : ''}`;
      case 'arg':
        return ` ${imm}`;
      default:
        return '';
    }
  }

  private call(i: number): string {
    const helper = this.buffer.helpers[this.buffer.imm[i]];
    const first = this.buffer.imm2[i];
    return `${helper.name}(${helper.args.map((_, n) => this.value(this.buffer.callArgs[first + n])).join(', ')})`;
  }

  private terminator(t: Terminator): string {
    switch (t.kind) {
      case 'jump':
        return `jump ${hex(t.target)}`;
      case 'branch':
        return `branch ${this.value(t.condition)} ? ${hex(t.taken)} : ${hex(t.fallThrough)}`;
      case 'call':
        return `call ${hex(t.target)}, return to ${hex(t.returnAddress)}`;
      case 'callIndirect':
        return `callIndirect ${this.value(t.target)}, return to ${hex(t.returnAddress)}`;
      case 'jumpIndirect':
      case 'return':
        return `${t.kind} ${this.value(t.target)}`;
      case 'syscall':
      case 'exit':
        return `${t.kind}, next ${hex(t.next)}`;
      case 'trap':
        return `trap ${t.code} (${t.argument}) at ${hex(t.pc)}`;
    }
  }
}

/** N Z C V in bits 3..0, a capital where set. */
const nzcvText = (nzcv: number): string => 'nzcv'.replace(/./g, (letter, i: number) => ((nzcv & (8 >> i)) !== 0 ? letter.toUpperCase() : letter));
