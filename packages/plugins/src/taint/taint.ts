import { definePlugin, type PluginApi, type PluginArguments, type PluginInsn, type PluginSyscall, type PluginThread, UserError } from '@everystep/core';
import { ShadowEngine } from '../shadow/engine.ts';
import { globExpression, hex } from '../text.ts';
import { InputFiles, readText } from './inputFiles.ts';
import { Inputs } from './inputs.ts';

const INPUTS = ['stdin', 'files', 'argv'] as const;
const REPORTS = ['branches', 'addresses', 'syscalls'] as const;
type Report = (typeof REPORTS)[number];

/** Which bytes of its input a program's values, branches and system calls depend on. */
export const taint = definePlugin({
  apiVersion: 1,
  name: 'taint',
  description: 'tell which bytes of its input a value, a branch or a system call depends on',
  options: [
    { name: 'input', value: INPUTS.join('|'), help: 'what is followed; may be repeated (default: all)' },
    { name: 'file', value: 'glob', help: 'of files, only those of such a path, also where they are mapped; may be repeated' },
    { name: 'at', value: 'address|symbol[+offset]', help: 'show what registers depend on each time this instruction is reached; may be repeated' },
    { name: 'reg', value: 'name', help: 'the register to show there; may be repeated (default x0)' },
    { name: 'bytes', value: 'on|off', help: "show what each of a register's bytes depends on" },
    { name: 'report', value: REPORTS.join('|'), help: 'sum up at the end what depends on input; may be repeated (default branches and syscalls, without at)' },
    { name: 'limit', value: 'number', help: 'show so many lines of each report (default 100)' },
  ],
  install(api, args) {
    new Taint(api, args);
  },
});

/** Where something depended on input, and how often. */
interface Use {
  readonly place: string;
  times: number;
  label: number;
}

/** Arguments of system calls that say where bytes are that leave the program; without a length: text that ends with a zero byte. */
const OUTPUTS: ReadonlyMap<string, { readonly address: number; readonly length?: number }> = new Map([
  ['write', { address: 1, length: 2 }],
  ['pwrite64', { address: 1, length: 2 }],
  ['sendto', { address: 1, length: 2 }],
  ['openat', { address: 1 }],
  ['unlinkat', { address: 1 }],
  ['mkdirat', { address: 1 }],
  ['newfstatat', { address: 1 }],
  ['faccessat', { address: 1 }],
  ['execve', { address: 0 }],
  ['chdir', { address: 0 }],
]);

class Taint {
  private readonly engine: ShadowEngine;
  private readonly inputs = new Inputs();
  private readonly files: InputFiles;
  private readonly uses: Readonly<Record<Report, Map<string, Use>>> = { branches: new Map(), addresses: new Map(), syscalls: new Map() };
  private readonly wanted: readonly string[];
  private readonly globs: readonly RegExp[];
  private readonly places: readonly string[];
  private readonly registers: readonly { readonly name: string; readonly number: number; readonly bytes: number }[];
  private readonly showsBytes: boolean;
  private readonly limit: number;
  private readonly reports: readonly Report[];
  private readonly isShown: boolean[] = [];
  /** The process that ran last. */
  private pid = 0;

  constructor(
    private readonly api: PluginApi,
    args: PluginArguments,
  ) {
    this.wanted = chosen(args, 'input', INPUTS);
    this.globs = args.all('file').map(globExpression);
    this.places = args.all('at');
    this.showsBytes = args.flag('bytes');
    this.limit = args.number('limit', 100);
    this.registers = (args.all('reg').length === 0 ? ['x0'] : args.all('reg')).map((name) => {
      const number = api.registers.findIndex((register) => register.name === name && name !== 'pc');
      if (number < 0) throw new UserError(`plugin taint: reg=${name}: there is no such register`);
      return { name, number, bytes: api.registers[number].bytes };
    });
    const givenReports = args.all('report').length > 0;
    this.reports = givenReports ? (chosen(args, 'report', REPORTS) as readonly Report[]) : this.places.length > 0 ? [] : ['branches', 'syscalls'];
    this.files = new InputFiles(api);
    this.engine = new ShadowEngine(api, {
      block: ({ insns }) => {
        for (const insn of insns) if (this.isWanted(insn)) this.show(insn);
      },
      insn: (insn, thread) => {
        if (this.isShown[insn.index]) this.tell(insn, thread);
      },
      branch: (insn, _, label) => this.use('branches', `${insn.index}`, label, () => `${this.placeOf(insn)}  ${insn.disassembly}`),
      address: (insn, _, label) => this.use('addresses', `${insn.index}`, label, () => `${this.placeOf(insn)}  ${insn.disassembly}`),
    });
    api.onThreadStart((thread) => {
      if (thread.index === 0 && this.wanted.includes('argv')) this.labelArguments(thread.pid);
      this.pid = thread.pid;
    });
    api.onProcessStart(({ pid }) => this.files.fork(this.pid, pid));
    api.onSyscall((thread, call) => this.syscall(thread, call));
    api.onSyscallReturn((thread, call, result) => {
      if (result !== undefined) this.syscallReturns(thread, call, Number(result));
    });
    api.atExit(() => {
      for (const report of this.reports) this.sumUp(report);
    });
  }

  // Inputs

  /** The stack begins with argc and the addresses of the arguments. */
  private labelArguments(pid: number): void {
    const { api } = this;
    const stack = Number(api.readRegister('sp'));
    const long = (at: number): number => {
      const bytes = api.readMemory(at, 8);
      return bytes === undefined ? 0 : Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    };
    for (let i = 1; i < long(stack); i++) {
      const address = long(stack + 8 * (i + 1));
      const text = readText(api, address);
      if (text !== undefined) this.label(pid, `argv[${i}]`, 0, address, text.length);
    }
  }

  private syscallReturns(thread: PluginThread, call: PluginSyscall, result: number): void {
    for (const { file, offset, address, length, isMapped } of this.files.read(thread, call, result)) {
      const kind = file === 'stdin' ? 'stdin' : 'files';
      if (!this.wanted.includes(kind)) continue;
      const matches = this.globs.some((glob) => glob.test(file.toLowerCase()));
      if (kind === 'files' && this.globs.length > 0 && !matches) continue;
      // Libraries map what nobody would call input: tables of theirs, locales.
      if (isMapped && !matches) continue;
      this.label(thread.pid, file, offset, address, length);
    }
  }

  private label(pid: number, source: string, offset: number, address: number, length: number): void {
    const first = this.inputs.add(source, offset, length);
    const memory = this.engine.memoryOf(pid);
    for (let i = 0; i < length; i++) memory.set(address + i, this.engine.sets.single(first + i));
  }

  // What is asked for at some instructions

  private isWanted({ pc, symbol, symbolOffset }: PluginInsn): boolean {
    return this.places.some((place) => {
      if (/^(0x[0-9a-f]+|\d+)$/i.test(place)) return Number(place) === pc;
      const [name, offset = '0'] = place.split('+');
      return name === symbol && Number(offset) === symbolOffset;
    });
  }

  private show(insn: PluginInsn): void {
    this.isShown[insn.index] = true;
    for (const { name } of this.registers) insn.record({ exec: { register: name } });
  }

  private tell(insn: PluginInsn, thread: PluginThread): void {
    for (const { name, number, bytes } of this.registers) {
      const labels = this.engine.registerLabels(thread, number).slice(0, bytes);
      const all = labels.reduce((sum, label) => this.engine.sets.union(sum, label), 0);
      this.api.output(`${this.placeOf(insn)}  ${name}=${hex(this.engine.values[number] ?? 0n)} <- ${this.describe(all)}\n`);
      if (!this.showsBytes) continue;
      labels.forEach((label, byte) => {
        if (label !== 0) this.api.output(`    byte ${byte} <- ${this.describe(label)}\n`);
      });
    }
  }

  // Reports

  private syscall(thread: PluginThread, { name, number, args }: PluginSyscall): void {
    this.pid = thread.pid;
    const output = name === undefined ? undefined : OUTPUTS.get(name);
    if (output === undefined) return;
    const address = Number(args[output.address]);
    const length = output.length === undefined ? (readText(this.api, address)?.length ?? 0) : Number(args[output.length]);
    const label = this.engine.memoryLabel(thread.pid, address, Math.min(length, 2 ** 31));
    if (label === 0) return;
    // Registers and pc are those behind the system call's instruction.
    const { function: fn } = this.api.locate(Number(this.api.readRegister('pc')) - 4);
    const what = output.length === undefined ? (name ?? `${number}`) : `${name}(${Number(args[0])})`;
    this.use('syscalls', `${what} ${fn.id}`, label, () => `${what} in ${fn.name}`);
  }

  private use(report: Report, key: string, label: number, place: () => string): void {
    if (!this.reports.includes(report)) return;
    const uses = this.uses[report];
    const known = uses.get(key);
    if (known === undefined) uses.set(key, { place: place(), times: 1, label });
    else {
      known.times++;
      known.label = this.engine.sets.union(known.label, label);
    }
  }

  private sumUp(report: Report): void {
    const uses = [...this.uses[report].values()].sort((a, b) => b.times - a.times);
    const titles = { branches: 'branches', addresses: 'accesses whose address depends', syscalls: 'system calls' } as const;
    this.api.output(`${titles[report]}${report === 'addresses' ? '' : ' that depend'} on input: ${uses.length}\n`);
    for (const { place, times, label } of uses.slice(0, this.limit)) this.api.output(`  ${place}  ${times} times <- ${this.describe(label)}\n`);
  }

  private describe(label: number): string {
    return label === 0 ? 'no input' : this.inputs.describe(this.engine.sets.rangesOf(label));
  }

  private placeOf({ pc, symbol, symbolOffset, source }: PluginInsn): string {
    const line = source === undefined || source.line === 0 ? '' : ` (${source.path.slice(source.path.lastIndexOf('/') + 1)}:${source.line})`;
    return `${hex(pc)}${symbol === undefined ? '' : ` ${symbol}+${hex(symbolOffset)}`}${line}`;
  }
}

/** Values of an argument that may be repeated, each one of some words; all of them where it is not given. */
function chosen(args: PluginArguments, name: string, words: readonly string[]): readonly string[] {
  const given = args.all(name);
  const unknown = given.find((word) => !words.includes(word));
  if (unknown !== undefined) throw new UserError(`plugin taint: ${name}=${unknown}: give ${words.join(', ')}`);
  return given.length === 0 ? words : given;
}
