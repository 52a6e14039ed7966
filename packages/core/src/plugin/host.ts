import { assert, UserError } from '../base/index.ts';
import { type BlockInfo, Cell, type LinearMemory, type Machine, type MachineHooks } from '../engine/index.ts';
import type { Guest } from '../guest/index.ts';
import { type Block, type IrBuffer, insnPc, SIZE_OF } from '../ir/index.ts';
import type { Kernel } from '../linux/index.ts';
import type { SymbolHost } from '../symbols/index.ts';
import { endOf } from '../trace/layout.ts';
import type { Tracer } from '../trace/tracer.ts';
import type { DataFlow, MemoryAccess, Plugin, PluginApi, PluginFile, PluginImage, PluginProcess, PluginRegister, PluginSocket, PluginSyscall } from './api.ts';
import { PLUGIN_API_VERSION } from './api.ts';
import { PluginArguments } from './arguments.ts';
import { Counters } from './counters.ts';
import { readDataFlow, type ToldBlock } from './dataFlow.ts';
import { insnStarts, readInsn } from './facts.ts';
import { pluginFailure } from './failure.ts';
import {
  type AccessSubscription,
  BlockView,
  type CallbackEntry,
  type ExecSubscription,
  InsnRecord,
  type InsnSources,
  InsnView,
  Subscriptions,
} from './insn.ts';
import { type Listeners, noListeners, registrations } from './listeners.ts';
import { ACCESS_ADDRESS, ACCESS_VALUE, BLOCK_CELL, BLOCK_ROWS, ROWS, ROWS_LIMIT } from './memoryLayout.ts';
import { type CutTable, createPassBesideTrace, createPluginPass, type PassUser, type RowRegister } from './pass.ts';
import { CodePlaces } from './places.ts';
import { Batch, type PluginThread, ROW_BYTES, ROW_WORDS } from './rows.ts';
import { LiveRun } from './run/liveRun.ts';
import type { PluginRun, RunProcess, RunThread } from './run/pluginRun.ts';

/** What plugins get from where they run. */
export interface PluginSurroundings {
  readonly guest: Guest;
  readonly argv: readonly string[];
  /** Reads the files of programs for their symbols, when a plugin asks for some. */
  readonly symbols: SymbolHost;
  /** Text of an instruction: mnemonic, blank, operands. */
  readonly disassemble: (pc: number, word: number) => string;
  /** The log of `-d plugin`. */
  readonly output: (text: string) => void;
  /** Begins a file, with its folders. @throws Error where files cannot be written */
  readonly openFile: (name: string) => PluginFile;
  /** See PluginApi.meet. */
  readonly meet: (path: string) => PluginSocket;
  /** A plugin names a trigger. @returns true if code is to be left for it; without: nobody minds */
  readonly trigger?: (name: string) => boolean;
  /** Tells the user that a plugin failed: one line, without its end. */
  readonly report: (message: string) => void;
}

interface Loaded {
  readonly name: string;
  readonly number: number;
  readonly listeners: Listeners;
  failed: boolean;
}

/** What a plugin may do at the moment: nothing to the guest, only look, or also act. */
type Moment = 'elsewhere' | 'look' | 'syscall' | 'act';

/** Callbacks have numbers from here on: a tracer's have lower ones. */
const FIRST_CALLBACK = 0x100_0000;
/** Rows name their plugin in 8 bits. */
const MOST_PLUGINS = 255;

/**
 * Runs plugins with a machine: give `hooks` to the machine when it is made, then `attach`, `install` each plugin, `start`,
 * run the guest, and `finish`. Between runs, `exitStatus` tells whether a plugin has ended the run.
 */
export class PluginHost implements PassUser {
  readonly hooks: Pick<MachineHooks, 'ringFull' | 'blockCutShort' | 'callback'>;
  /** Set once a plugin has asked for the end. */
  exitStatus: number | undefined;
  readonly registers: readonly PluginRegister[];
  readonly flagsRegister: RowRegister | undefined;
  private readonly rowRegisters: readonly RowRegister[];
  private readonly byIndex = new Map<number, RowRegister>();
  private readonly plugins: Loaded[] = [];
  private readonly counters: Counters;
  private readonly insns = new Map<number, InsnRecord[]>();
  private insnCount = 0;
  /** Instructions with a lower index have been told to plugins. */
  private toldInsns = 0;
  /** Addresses at which blocks begin, as far as they are known. */
  private readonly blockStarts = new Map<number, Subscriptions>();
  private readonly callbacks: CallbackEntry[] = [];
  private readonly cuts: (CutTable | undefined)[] = [];
  private readonly threads = new Map<RunThread, PluginThread>();
  private thread: PluginThread = { index: 0, pid: 0, tid: 0 };
  private threadCount = 0;
  private run: PluginRun | undefined;
  private first: RunThread | undefined;
  private running: RunThread | undefined;
  private readonly places: CodePlaces;
  private readonly insnSources: InsnSources;
  /** The block that plugins are being told of. */
  private told: ToldBlock | undefined;
  private given: Machine | undefined;
  private batch: Batch | undefined;
  private tracer: Tracer | undefined;
  /** Blocks that have a record of the tracer's; undefined: plugins have no code in blocks, and these are the tracer's alone. */
  private tracedBlocks: Set<number> | undefined;
  /** With a tracer: linear offset behind the rows that have been taken of blocks. */
  private ownRowsEnd = ROWS;
  /** The thread's registers have been written. */
  private hasWritten = false;
  private moment: Moment = 'elsewhere';
  /** A callback wants its region to be left. */
  private leaves = false;
  private nextPc: number | undefined;
  /** Callbacks of one instruction that have been made before the region was left: not again. */
  private readonly made = { pc: -1, step: -1, ordinal: -1 };

  constructor(private readonly surroundings: PluginSurroundings) {
    const { guest } = surroundings;
    const listed = guest.gdbRegisters ?? guest.state.registers.filter((r) => r.visible).map((r) => ({ name: r.name, kind: 'state' as const }));
    this.rowRegisters = listed.map(({ name, kind }, number) => ({ name, number, register: kind === 'state' ? guest.state.get(name) : undefined }));
    this.registers = listed.map(({ name, kind }) => ({ name, bytes: kind === 'state' ? SIZE_OF[guest.state.get(name).type] : kind === 'pc' ? 8 : 4 }));
    for (const each of this.rowRegisters) if (each.register !== undefined) this.byIndex.set(each.register.index, each);
    this.flagsRegister = this.rowRegisters[listed.findIndex(({ kind }) => kind === 'flags')];
    this.counters = new Counters(() => this.memory);
    this.places = new CodePlaces(surroundings.symbols, () => this.thisThread);
    this.insnSources = {
      disassemble: surroundings.disassemble,
      originOf: ({ pid, facts }) => this.places.originOf(pid, facts.pc),
      dataFlowOf: (insn) => this.dataFlowOf(insn),
    };
    this.hooks = {
      ringFull: () => this.drain(),
      blockCutShort: (completed) => this.cutShort(completed),
      callback: (number) => this.callback(number),
    };
  }

  /**
   * Once, before plugins are installed.
   * @param tracer one that traces the same machine: it has the ring (TracerOptions.hasPlugins), and its hooks of blocks are called by these
   */
  attach(machine: Machine, kernel: Kernel, tracer?: Tracer): void {
    this.attachRun(machine, new LiveRun(machine, kernel), tracer);
  }

  /** As `attach`, for a run that need not be live. */
  attachRun(machine: Machine, run: PluginRun, tracer?: Tracer): void {
    this.given = machine;
    this.run = run;
    this.tracer = tracer;
    const { memory } = machine.space;
    this.batch = new Batch(memory.memory.buffer);
    if (tracer === undefined) memory.view.setUint32(Cell.ringLimit, ROWS_LIMIT, true);
    this.rowsEnd = ROWS;
    const first = run.current;
    this.first = first;
    this.running = first;
    this.thread = this.threadOf(first);
    run.listen({
      wrote: (address, data) => {
        if (this.plugins.every(({ listeners }) => listeners.onKernelWrite.length === 0)) return;
        this.drain();
        this.tell('onKernelWrite', address, data);
      },
      switched: (thread) => this.switched(thread),
      threadStarted: (thread) => this.tell('onThreadStart', this.threadOf(thread)),
      threadEnded: (thread) => {
        this.drain();
        this.tell('onThreadEnd', this.threadOf(thread));
        this.threads.delete(thread);
      },
      processStarted: (process) => this.tell('onProcessStart', describe(process)),
      processEnded: (process) => this.tell('onProcessEnd', describe(process)),
      enter: (call) => this.syscall(call),
      leave: (call, result) => this.syscallReturns(call, result),
      signal: (signal) => {
        this.drain();
        this.tell('onSignal', { ...signal, thread: this.thread });
      },
    });
  }

  /**
   * Installs a plugin.
   * @throws UserError if it is none, was written for another version, or does not take its arguments
   */
  install(plugin: Plugin, given: readonly (readonly [string, string])[], file = plugin?.name): void {
    const isPlugin = typeof plugin === 'object' && plugin !== null && typeof plugin.install === 'function';
    if (!isPlugin || typeof plugin.name !== 'string' || plugin.apiVersion === undefined) {
      throw new UserError(`'${file}' is no plugin: its default export needs apiVersion, name and install (docs/plugins.md)`);
    }
    if (plugin.apiVersion !== PLUGIN_API_VERSION) {
      throw new UserError(`plugin '${plugin.name}' was written for version ${plugin.apiVersion} of the plugin API; this is version ${PLUGIN_API_VERSION}`);
    }
    assert(this.plugins.length < MOST_PLUGINS, 'too many plugins');
    const listeners = noListeners();
    const loaded: Loaded = { name: plugin.name, number: this.plugins.length, listeners, failed: false };
    this.plugins.push(loaded);
    try {
      plugin.install(this.apiFor(loaded), new PluginArguments(plugin.name, given, plugin.options ?? []));
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(pluginFailure(plugin.name, 'install', error).replace(' and is switched off', ''));
    }
  }

  /** Before the guest runs. */
  start(): void {
    const { machine, first, tracer } = this;
    assert(first !== undefined, 'the plugins have no machine');
    if (this.plugins.some(({ listeners }) => listeners.onBlock.length > 0)) {
      if (tracer === undefined) machine.setInstrument(createPluginPass('plugins', this));
      else {
        this.tracedBlocks = new Set();
        tracer.addPass((inner) => createPassBesideTrace('plugins', this, inner));
      }
    }
    this.tell('onProcessStart', describe(first.process));
    for (const plugin of this.plugins) {
      for (const listener of plugin.listeners.onThreadStart) this.during('look', plugin, 'onThreadStart', () => listener(this.thread));
    }
  }

  /** The run is over, whatever ended it. */
  finish(): void {
    this.drain();
    this.tell('atExit');
  }

  /** Hands rows to plugins. Between runs, and where translated code has its ring pointer in its cell. */
  drain(): void {
    const { batch, thread } = this;
    const rows = (this.rowsEnd - ROWS) / ROW_BYTES;
    if (rows === 0 || batch === undefined) return;
    this.rowsEnd = ROWS;
    batch.length = rows;
    batch.thread = thread;
    const takers = this.plugins.filter(({ listeners }) => listeners.onBatch.length > 0);
    for (const taker of takers) this.tellOne(taker, 'onBatch', takers.length === 1 ? batch : this.rowsOf(taker, batch));
  }

  /** Linear offset behind the rows that have been written. */
  private get rowsEnd(): number {
    return this.tracer === undefined ? this.memory.view.getUint32(Cell.ringPointer, true) : this.ownRowsEnd;
  }

  private set rowsEnd(end: number) {
    if (this.tracer === undefined) this.memory.view.setUint32(Cell.ringPointer, end, true);
    else this.ownRowsEnd = end;
  }

  /** The first rows of a block that has run hold. */
  private keepRows(rows: number): void {
    const { tracer, memory, rowsEnd } = this;
    const bytes = rows * ROW_BYTES;
    if (tracer !== undefined) memory.bytes.copyWithin(rowsEnd, BLOCK_ROWS, BLOCK_ROWS + bytes);
    this.rowsEnd = rowsEnd + bytes;
    if (tracer !== undefined && this.rowsEnd > ROWS_LIMIT) this.drain();
  }

  /** A copy of one plugin's rows. */
  private rowsOf({ number }: Loaded, batch: Batch): Batch {
    const own = new Batch(new ArrayBuffer(batch.length * ROW_BYTES), 0, batch.length * ROW_BYTES);
    own.thread = batch.thread;
    for (let i = 0; i < batch.length; i++) {
      const at = i * ROW_WORDS;
      if (batch.words[at + 1] >>> 24 === number) own.words.set(batch.words.subarray(at, at + ROW_WORDS), own.length++ * ROW_WORDS);
    }
    return own;
  }

  // What the pass asks

  registerNamed(name: string): RowRegister {
    const register = this.rowRegisters.find((each) => each.name === (name === 'nzcv' ? 'cpsr' : name));
    if (register === undefined || register.name === 'pc') throw new Error(`there is no register '${name}' to record`);
    return register;
  }

  registerOf(index: number): RowRegister | undefined {
    return this.byIndex.get(index);
  }

  execCallback(subscription: ExecSubscription, ordinal: number): number {
    return this.addCallback({ kind: 'exec', subscription, ordinal });
  }

  accessCallback(subscriptions: readonly AccessSubscription[], store: boolean, bytes: number): number {
    return this.addCallback({ kind: 'access', subscriptions, store, bytes });
  }

  rowsCallback(rows: number): number {
    return this.addCallback({ kind: 'rows', rows });
  }

  private addCallback(entry: CallbackEntry): number {
    return FIRST_CALLBACK + this.callbacks.push(entry) - 1;
  }

  traced(block: number, hasRecord: boolean): void {
    if (hasRecord) this.tracedBlocks?.add(block);
    else this.tracedBlocks?.delete(block);
  }

  define(block: number, table: CutTable): void {
    this.cuts[block] = table;
  }

  translated(from: IrBuffer, block: Block, info: BlockInfo): { readonly insns: readonly InsnRecord[]; readonly entered: Subscriptions | undefined } {
    const starts = insnStarts(from, block);
    const insns = starts.slice(0, -1).map((start, i) => this.insnOf(from, block, start, starts[i + 1]));
    if (insns.length === 0) return { insns, entered: undefined };
    // One instruction of a block that was told of as a whole: what was wanted then holds.
    const isKnown = info.exact === true && insns[0].facts.index < this.toldInsns;
    if (isKnown) return { insns, entered: this.blockStarts.get(block.pc) };
    this.toldInsns = this.insnCount;
    for (const insn of insns) insn.wanted = new Subscriptions();
    const entered = new Subscriptions();
    this.blockStarts.set(block.pc, entered);
    this.places.update();
    this.told = { from, block, starts };
    const end = endOf(block.terminator);
    for (const plugin of this.plugins) {
      if (plugin.listeners.onBlock.length === 0) continue;
      const views = insns.map((insn) => this.viewOf(insn, plugin.number));
      this.tellOne(plugin, 'onBlock', new BlockView(views, end, plugin.number, entered));
    }
    this.told = undefined;
    return { insns, entered };
  }

  private dataFlowOf({ facts }: InsnRecord): readonly DataFlow[] {
    const { told } = this;
    const at = told === undefined ? -1 : told.starts.findIndex((start) => insnPc(told.block, told.from.imm[start]) === facts.pc);
    if (told === undefined || at < 0) throw new Error('dataFlow is possible only of the instructions of the block that onBlock is called with');
    const { from, block, starts } = told;
    const isLast = at === starts.length - 2;
    const names = { registerOf: (index: number) => this.byIndex.get(index), flags: this.flagsRegister };
    return readDataFlow(from, starts[at], starts[at + 1], isLast ? block.terminator : undefined, names);
  }

  private get thisThread(): RunThread {
    assert(this.running !== undefined, 'the plugins have no machine');
    return this.running;
  }

  private insnOf(from: IrBuffer, block: Block, start: number, end: number): InsnRecord {
    const at = from.imm[start];
    const offset = block.insnOffsets === undefined ? at * 4 : block.insnOffsets[at];
    const bytes = (block.insnOffsets === undefined ? offset + 4 : (block.insnOffsets[at + 1] ?? block.bytes)) - offset;
    const pc = block.pc + offset;
    const word = from.imm2[start] >>> 0;
    const here = this.insns.get(pc);
    const known = here?.find(({ facts }) => facts.word === word);
    if (known !== undefined) return known;
    const { guest } = this.surroundings;
    const names = { registerOf: (index: number) => this.byIndex.get(index), flags: this.flagsRegister };
    const facts = { index: this.insnCount++, pc, word, bytes, row: guest.rowName(word), ...readInsn(guest, from, start, end, names) };
    const insn = new InsnRecord(facts, this.thread.pid);
    if (here === undefined) this.insns.set(pc, [insn]);
    else here.push(insn);
    return insn;
  }

  private viewOf(insn: InsnRecord, plugin: number): InsnView {
    const view = (insn.views[plugin] as InsnView | undefined) ?? new InsnView(insn, plugin, this.insnSources);
    insn.views[plugin] = view;
    return view;
  }

  // While the guest runs

  /** A block was left before its end: what of its rows and counters belongs to instructions that completed. */
  private cutShort(completed: number): void {
    const { memory, tracer } = this;
    const block = memory.view.getUint32(BLOCK_CELL, true);
    if (this.tracedBlocks?.has(block) !== false) tracer?.hooks.blockCutShort?.(completed);
    const table = this.cuts[block];
    const pc = this.nextPc === undefined ? this.machine.pc : this.made.pc;
    if (table !== undefined && table.pcs[completed] === pc) {
      this.keepRows(table.rowsBefore[completed]);
      for (const { insn, offset, by } of table.adds) {
        if (insn >= completed || table.flushes.some((flush) => flush > insn && flush <= completed)) continue;
        memory.view.setBigUint64(offset, BigInt.asUintN(64, memory.view.getBigUint64(offset, true) + by), true);
      }
    }
    if (this.nextPc !== undefined) this.machine.pc = this.nextPc;
    this.nextPc = undefined;
    if (this.hasWritten) tracer?.registersChanged();
    this.hasWritten = false;
  }

  /** Whether a callback with this number is a plugin's. */
  hasCallback(number: number): boolean {
    return number >= FIRST_CALLBACK;
  }

  /** @returns true if the region is to be left */
  private callback(number: number): boolean {
    const entry = this.callbacks[number - FIRST_CALLBACK];
    if (entry.kind === 'access') return this.accessed(entry);
    if (entry.kind === 'rows') {
      this.keepRows(entry.rows);
      return false;
    }
    const { pc, steps } = this.machine;
    const { made, thread } = this;
    const { subscription, ordinal } = entry;
    if (made.pc === pc && made.step === steps && ordinal <= made.ordinal) return false;
    const plugin = this.plugins[subscription.plugin];
    if (plugin.failed) return false;
    this.leaves = false;
    this.during('act', plugin, 'onExec', () => subscription.call(thread));
    if (!this.leaves) return false;
    made.pc = pc;
    made.step = steps;
    made.ordinal = ordinal;
    return true;
  }

  private accessed({ subscriptions, store, bytes }: CallbackEntry & { kind: 'access' }): boolean {
    const { view } = this.memory;
    const high = bytes === 16 ? view.getBigUint64(ACCESS_VALUE + 8, true) << 64n : 0n;
    const access: MemoryAccess = {
      store,
      bytes,
      address: Number(view.getBigUint64(ACCESS_ADDRESS, true) & 0xff_ffff_ffff_ffffn),
      value: BigInt.asUintN(bytes * 8, high | view.getBigUint64(ACCESS_VALUE, true)),
    };
    for (const { plugin, call } of subscriptions) {
      const loaded = this.plugins[plugin];
      if (!loaded.failed) this.during('look', loaded, 'onAccess', () => call(access, this.thread));
    }
    return false;
  }

  private switched(thread: RunThread): void {
    this.drain();
    const isSame = this.running === thread;
    this.running = thread;
    this.thread = this.threadOf(thread);
    this.counters.switchTo(this.thread.index);
    if (isSame) this.tell('onHandler', this.thread);
    else this.places.changed();
  }

  /** Program and dynamic linker of the first process. */
  private get images(): readonly PluginImage[] {
    const { first, surroundings } = this;
    if (first === undefined) return [];
    // The program as the user named it.
    return first.process.images().map((image, i) => (i === 0 ? { ...image, path: surroundings.argv[0] } : image));
  }

  private threadOf(thread: RunThread): PluginThread {
    let known = this.threads.get(thread);
    if (known === undefined) {
      known = { index: this.threadCount++, pid: thread.process.pid, tid: thread.tid };
      this.threads.set(thread, known);
    }
    return known;
  }

  private syscall(call: PluginSyscall): void {
    this.drain();
    for (const plugin of this.plugins) {
      for (const listener of plugin.listeners.onSyscall) {
        if (!plugin.failed) this.during('syscall', plugin, 'onSyscall', () => listener(this.thread, call));
      }
    }
  }

  private syscallReturns(call: PluginSyscall, result: bigint | undefined): void {
    this.drain();
    if (call.name !== undefined) this.places.changed(call.name);
    for (const plugin of this.plugins) {
      for (const listener of plugin.listeners.onSyscallReturn) {
        if (!plugin.failed) this.during('look', plugin, 'onSyscallReturn', () => listener(this.thread, call, result));
      }
    }
  }

  // Calling plugins

  private tell<E extends Exclude<keyof Listeners, 'onSyscall' | 'onSyscallReturn'>>(event: E, ...args: Parameters<Listeners[E][number]>): void {
    for (const plugin of this.plugins) this.tellOne(plugin, event, ...args);
  }

  private tellOne<E extends keyof Listeners>(plugin: Loaded, event: E, ...args: Parameters<Listeners[E][number]>): void {
    for (const listener of plugin.listeners[event]) {
      if (!plugin.failed) this.during('elsewhere', plugin, event, () => (listener as (...given: typeof args) => void)(...args));
    }
  }

  /** One that throws is switched off; the guest runs on. */
  private during(moment: Moment, plugin: Loaded, where: string, call: () => void): void {
    const before = this.moment;
    this.moment = moment;
    try {
      call();
    } catch (error) {
      plugin.failed = true;
      this.surroundings.report(pluginFailure(plugin.name, where, error));
    } finally {
      this.moment = before;
    }
  }

  private get machine(): Machine {
    assert(this.given !== undefined, 'the plugins have no machine');
    return this.given;
  }

  private get memory(): LinearMemory {
    return this.machine.space.memory;
  }

  private apiFor({ listeners }: Loaded): PluginApi {
    const { surroundings, registers, counters } = this;
    const host = this;
    const need = (what: string, ...moments: readonly Moment[]): void => {
      if (!moments.includes(this.moment)) throw new Error(`${what} is not possible here (docs/plugins.md says where)`);
    };
    return {
      version: PLUGIN_API_VERSION,
      target: surroundings.guest.name,
      argv: surroundings.argv,
      get images() {
        return host.images;
      },
      get mappings() {
        return host.thisThread.process.mappings();
      },
      locate: (pc) => {
        this.places.update();
        return this.places.originOf(this.thread.pid, pc);
      },
      registers,
      output: (text) => surroundings.output(text),
      writeFile: (name, content) => {
        const file = surroundings.openFile(name);
        file.write(content);
        file.close();
      },
      openFile: (name) => surroundings.openFile(name),
      meet: (path) => surroundings.meet(path),
      ...registrations(listeners),
      counter: () => counters.shared(),
      scoreboard: () => counters.perThread(),
      readRegister: (name) => {
        need('readRegister', 'look', 'syscall', 'act');
        return this.readRegister(name);
      },
      writeRegister: (name, value) => {
        need('writeRegister', 'act');
        if (this.run?.isRecorded === true) throw new UserError('writeRegister is not possible in a replay: what has been recorded cannot be changed');
        this.writeRegister(name, value);
      },
      readMemory: (address, length) => this.machine.space.peek(address, length),
      exit: (status) => {
        need('exit', 'act', 'syscall');
        this.exitStatus = status & 0xff;
        this.leaves = true;
        this.machine.requestStop();
      },
      trigger: (name) => {
        need('trigger', 'act', 'syscall');
        if (surroundings.trigger?.(name) === true) this.leaves = true;
      },
      get steps() {
        return host.machine.steps;
      },
    };
  }

  private readRegister(name: string): bigint {
    const { cpu, pc } = this.machine;
    if (name === 'pc') return BigInt(pc);
    const { register } = this.registerNamed(name);
    return register === undefined ? BigInt(cpu.nzcv) << 28n : cpu.get(register);
  }

  private writeRegister(name: string, value: bigint): void {
    const { cpu } = this.machine;
    this.leaves = true;
    this.hasWritten = true;
    if (name === 'pc') {
      this.nextPc = Number(BigInt.asUintN(64, value));
      return;
    }
    const { register } = this.registerNamed(name);
    if (register === undefined) cpu.nzcv = Number(BigInt.asUintN(32, value) >> 28n);
    else cpu.set(register, value);
  }
}

const describe = ({ pid, programPath }: RunProcess): PluginProcess => ({ pid, program: programPath });
