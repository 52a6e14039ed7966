import { assert, lazy } from '../base/index.ts';
import { opcodes } from './opcodes.ts';

const byCode = lazy(() => new Map(opcodes().map((opcode) => [opcode.code, opcode])));
const VALUE_TYPES: Readonly<Record<number, string>> = { 127: 'i32', 126: 'i64', 125: 'f32', 124: 'f64', 123: 'v128' };

/**
 * Text of the functions of a module that everystep made, in the WebAssembly text format's flat form, one instruction
 * a line. For `-d out_asm` and golden tests.
 */
export function printModule(wasm: Uint8Array): string {
  const reader = new Reader(wasm);
  reader.at = 8;
  const types: string[] = [];
  const importNames: string[] = [];
  const functionTypes: number[] = [];
  const out: string[] = [];
  while (reader.at < wasm.length) {
    const id = reader.byte();
    const end = reader.u32() + reader.at;
    if (id === 1) for (let n = reader.u32(); n > 0; n--) types.push(printType(reader));
    else if (id === 2) readImports(reader, importNames);
    else if (id === 3) for (let n = reader.u32(); n > 0; n--) functionTypes.push(reader.u32());
    else if (id === 10) {
      const count = reader.u32();
      for (let f = 0; f < count; f++) {
        const bodyEnd = reader.u32() + reader.at;
        out.push(`(func $${importNames.length + f} ${types[functionTypes[f] as number]}`);
        printBody(reader, bodyEnd, importNames, out);
        reader.at = bodyEnd;
        out.push(')');
      }
    }
    reader.at = end;
  }
  return `${out.join('\n')}\n`;
}

function printType(reader: Reader): string {
  assert(reader.byte() === 0x60, 'a function type starts with 0x60');
  const list = (): string[] => Array.from({ length: reader.u32() }, () => VALUE_TYPES[reader.byte()] as string);
  const params = list();
  const results = list();
  return `(param ${params.join(' ')}) (result ${results.join(' ')})`;
}

function readImports(reader: Reader, names: string[]): void {
  for (let n = reader.u32(); n > 0; n--) {
    reader.name();
    const name = reader.name();
    const kind = reader.byte();
    if (kind === 0) {
      names.push(name);
      reader.u32();
    } else if (kind === 1) {
      reader.byte();
      reader.byte();
      reader.u32();
    } else if (kind === 3) {
      reader.byte();
      reader.byte();
    } else {
      const flags = reader.byte();
      reader.u32();
      if ((flags & 1) !== 0) reader.u32();
    }
  }
}

function printBody(reader: Reader, end: number, importNames: readonly string[], out: string[]): void {
  const locals: string[] = [];
  for (let runs = reader.u32(); runs > 0; runs--) {
    const count = reader.u32();
    locals.push(`${VALUE_TYPES[reader.byte()]}*${count}`);
  }
  if (locals.length > 0) out.push(`  (local ${locals.join(' ')})`);
  let depth = 1;
  while (reader.at < end - 1) {
    let code = reader.byte();
    if (code === 0xfc || code === 0xfd) code = code * 0x100 + reader.u32();
    const opcode = byCode().get(code);
    assert(opcode !== undefined, `unknown Wasm opcode 0x${code.toString(16)}`);
    const { name, immediate } = opcode;
    if (name === 'end' || name === 'else') depth--;
    const operands = printImmediate(reader, immediate, importNames);
    out.push(`${'  '.repeat(Math.max(depth, 1))}${name}${operands}`);
    if (name === 'else' || immediate === 'blockType') depth++;
  }
}

function printImmediate(reader: Reader, immediate: string, importNames: readonly string[]): string {
  switch (immediate) {
    case 'blockType': {
      const type = reader.byte();
      return type === 0x40 ? '' : ` (result ${VALUE_TYPES[type]})`;
    }
    case 'label':
    case 'local':
    case 'global':
      return ` ${reader.u32()}`;
    case 'labels':
      return ` ${Array.from({ length: reader.u32() + 1 }, () => reader.u32()).join(' ')}`;
    case 'function': {
      const index = reader.u32();
      return ` $${importNames[index] ?? index}`;
    }
    case 'typeAndTable': {
      const type = reader.u32();
      return ` (table ${reader.u32()}) (type ${type})`;
    }
    case 'memory': {
      reader.u32();
      const offset = reader.u32();
      return offset === 0 ? '' : ` offset=0x${offset.toString(16)}`;
    }
    case 'i32':
    case 'i64': {
      const value = reader.signed();
      return ` ${value}`;
    }
    case 'f32':
      return ` 0x${reader.littleEndian(4)}`;
    case 'f64':
      return ` 0x${reader.littleEndian(8)}`;
    case 'bytes16':
      return ` ${Array.from({ length: 16 }, () => reader.byte()).join(' ')}`;
    case 'lane':
      return ` ${reader.byte()}`;
    default:
      return '';
  }
}

class Reader {
  at = 0;
  constructor(private readonly data: Uint8Array) {}

  byte(): number {
    assert(this.at < this.data.length, 'the module goes on');
    return this.data[this.at++];
  }

  u32(): number {
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const b = this.byte();
      result |= (b & 0x7f) << shift;
      if (b < 0x80) return result >>> 0;
    }
  }

  /** Signed LEB128 of up to 64 bits. */
  signed(): bigint {
    let result = 0n;
    for (let shift = 0n; ; ) {
      const b = this.byte();
      result |= BigInt(b & 0x7f) << shift;
      shift += 7n;
      if (b < 0x80) return (b & 0x40) !== 0 ? result - (1n << shift) : result;
    }
  }

  littleEndian(bytes: number): string {
    let text = '';
    for (let i = 0; i < bytes; i++) text = this.byte().toString(16).padStart(2, '0') + text;
    return text;
  }

  name(): string {
    let text = '';
    for (let n = this.u32(); n > 0; n--) text += String.fromCharCode(this.byte());
    return text;
  }
}
