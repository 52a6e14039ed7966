import { Cell, COLD_VALUES, JUMP_CACHE_ENTRIES } from '../../base/layout.ts';
import { OP_TABLE, type StateLayout, type Ty } from '../../ir/index.ts';
import { COLD_FRAME, EVENT_MISALIGNED, EVENT_TRAP, EVENT_TRAP_INSIDE } from '../constants.ts';
import { FunctionBody } from '../functionBody.ts';
import { REGION_PARAMS } from '../lower/regionType.ts';
import { CODE } from '../opcodes.ts';
import { pureOp } from './calledOps.ts';
import { type FlagSteps, flagSteps, putFlags, testComparison, testFlags } from './flagSteps.ts';
import { loadPairStep, loadStep, type MemorySteps, storePairStep, storeStep } from './memorySteps.ts';
import { AT, type ColdImports, callFunction, operand, result, TO_VALUE, word } from './operands.ts';
import { FIRST_CALLED, GUARDED_OPS, INLINE_OPS, RECORD, Step } from './records.ts';
import { type RingSteps, ringSteps } from './ringSteps.ts';
import { type WatchSteps, watchSteps } from './watchSteps.ts';

const C = CODE;

/** Writes the function that goes from record to record: a loop around a table of branches, the code of each step behind it. */
export class Interpreter implements MemorySteps, FlagSteps, WatchSteps, RingSteps {
  readonly f = new FunctionBody();
  /** The room for frames: its second parameter, whose local is used for another thing. */
  private readonly frames: number;
  readonly left: number;
  readonly block: number;
  readonly index: number;
  readonly address: number;
  /** Calls that this run of the function has made as jumps, and that have not returned. */
  private readonly calls: number;
  readonly offset: number;
  readonly cacheEntry: number;
  /** Blocks between the code being written and the loop. */
  private depth = 0;

  constructor(
    readonly layout: StateLayout,
    readonly slot: number,
    private readonly tableIndex: number,
    readonly imports: ColdImports,
    private readonly functionType: number,
  ) {
    const { f } = this;
    f.reset(REGION_PARAMS);
    this.frames = f.local('i32');
    this.left = f.local('i32');
    this.block = f.local('i32');
    this.index = f.local('i32');
    this.address = f.local('i64');
    this.calls = f.local('i32');
    this.offset = f.local('i64');
    this.cacheEntry = f.local('i32');
  }

  write(): FunctionBody {
    const { f } = this;
    const steps: (() => void)[] = [];
    steps[Step.entry] = () => f.op(C.unreachable);
    steps[Step.retired] = () => this.leaveTo(() => this.address64(16));
    steps[Step.jump] = () => this.goOn(() => word(f, 4), 16);
    steps[Step.branch] = () => this.branch(() => operand(f, 0, 'i32'));
    steps[Step.branchIfFlags] = () => this.branch(() => testFlags(this, 4));
    steps[Step.branchUnless] = () => this.branchIfZero('i32');
    steps[Step.branch64] = () => this.branch(() => this.isNot0());
    steps[Step.branchUnless64] = () => this.branchIfZero('i64');
    steps[Step.compareAndBranch32] = () => this.compareAndBranch('i32');
    steps[Step.compareAndBranch64] = () => this.compareAndBranch('i64');
    steps[Step.syscall] = () => this.syscall();
    steps[Step.indirect] = () => this.indirect();
    steps[Step.return] = () => this.return();
    steps[Step.setAndCall] = () => this.setAndCall();
    steps[Step.call] = () => this.call();
    steps[Step.callIndirect] = () => this.callIndirect();
    steps[Step.trap] = () => this.trap(EVENT_TRAP);
    steps[Step.copy32] = () => this.copy('i32');
    steps[Step.copy64] = () => this.copy('i64');
    steps[Step.copy128] = () => this.copy('v128');
    steps[Step.set32] = () => this.setTo('i32');
    steps[Step.set64] = () => this.setTo('i64');
    steps[Step.set128] = () => this.setTo('v128');
    steps[Step.setPair] = () => this.setPair();
    steps[Step.loadPair] = () => loadPairStep(this, false);
    steps[Step.loadPairAndSet] = () => loadPairStep(this, true);
    steps[Step.storePair] = () => storePairStep(this);
    steps[Step.checkAligned] = () => this.checkAligned();
    steps[Step.trapIf] = () => this.trapIf();
    steps[Step.input] = () => this.input();
    steps[Step.helper] = () => this.helper();
    steps[Step.coldHelper32] = () => this.coldHelper('i32');
    steps[Step.coldHelper64] = () => this.coldHelper('i64');
    steps[Step.coldHelper128] = () => this.coldHelper('v128');
    flagSteps(this, steps);
    watchSteps(this, steps);
    ringSteps(this, steps);
    for (const op of INLINE_OPS) steps.push(() => this.inline(op, false));
    for (const op of GUARDED_OPS) steps.push(() => this.inline(op, true));
    f.get(TO_VALUE);
    f.set(this.frames);
    f.loadCell('i32', Cell.left);
    f.set(this.left);
    // Where a block begins, which needs no look into the table.
    f.loop();
    f.get(AT);
    f.memory(C['i32.load16_u'], 0);
    f.i32(Step.entry);
    f.op(C['i32.eq']);
    f.if();
    this.entry();
    f.end();
    f.loop();
    // The block of the default, for functions, is the outermost.
    for (let i = 0; i <= steps.length; i++) f.block();
    f.get(AT);
    f.memory(C['i32.load16_u'], 0);
    f.brTable(
      steps.map((_, i) => i),
      steps.length,
    );
    steps.forEach((step, i) => {
      f.end();
      this.depth = steps.length - i;
      step();
    });
    f.end();
    this.depth = 0;
    callFunction(f, this.functionType, () => {
      f.get(AT);
      f.memory(C['i32.load16_u'], 0);
      f.i32(FIRST_CALLED);
      f.op(C['i32.sub']);
    });
    this.next();
    f.end();
    f.end();
    f.op(C.unreachable);
    return f;
  }

  /** Goes on behind this record, or behind so many, from so many blocks inside a step. */
  next(inside = 0, records = 1): void {
    this.skip(records);
    this.f.br(this.depth + inside);
  }

  private skip(records: number): void {
    const { f } = this;
    f.get(AT);
    f.i32(records * RECORD);
    f.op(C['i32.add']);
    f.set(AT);
  }

  /** Goes to the entry that `push` pushes, from so many blocks inside a step. */
  private goTo(push: () => void, inside = 0): void {
    push();
    this.f.set(AT);
    this.f.br(this.depth + 1 + inside);
  }

  private address64(offset: number): void {
    this.f.get(AT);
    this.f.memory(C['i64.load'], offset);
  }

  storeLeft(): void {
    this.f.i32(0);
    this.f.get(this.left);
    this.f.memory(C['i32.store'], Cell.left);
  }

  private loadLeft(): void {
    this.f.loadCell('i32', Cell.left);
    this.f.set(this.left);
  }

  private storePc(push: () => void): void {
    this.f.i32(0);
    push();
    this.f.memory(C['i64.store'], Cell.pc);
  }

  private storeEvent(event: number): void {
    this.f.i32(0);
    this.f.i32(event);
    this.f.memory(C['i32.store'], Cell.event);
  }

  private returnEvent(): void {
    this.f.i64(-1, -1);
    this.f.return();
  }

  /** Returns a pc to the dispatcher, or to the region that called. */
  private leaveTo(pushPc: () => void): void {
    this.storeLeft();
    pushPc();
    this.f.return();
  }

  /** The present instruction does not complete. */
  stop(): void {
    const { f } = this;
    this.storeLeft();
    f.get(this.block);
    f.get(AT);
    f.memory(C['i32.load16_u'], 2);
    f.call(this.imports.stop);
    this.returnEvent();
  }

  private entry(): void {
    const { f } = this;
    f.get(AT);
    word(f, 8);
    f.i32(1);
    f.op(C['i32.sub']);
    f.tee(this.index);
    f.memory(C['i32.store'], 8);
    f.get(this.index);
    f.i32(0);
    f.op(C['i32.lt_s']);
    f.if();
    this.storeLeft();
    f.get(AT);
    f.call(this.imports.hot);
    this.address64(16);
    f.return();
    f.end();
    f.get(this.left);
    word(f, 4);
    f.op(C['i32.lt_s']);
    f.if();
    this.storeLeft();
    this.storePc(() => this.address64(16));
    word(f, 4);
    f.call(this.imports.tick);
    f.if();
    this.returnEvent();
    f.end();
    this.loadLeft();
    f.end();
    f.get(this.left);
    word(f, 4);
    f.op(C['i32.sub']);
    f.set(this.left);
    f.i32(COLD_VALUES);
    f.get(AT);
    f.tee(this.block);
    f.op(C['i32.sub']);
    f.set(TO_VALUE);
    this.skip(2);
  }

  /** To the entry that `push` pushes; where that is 0, to the pc in the record. */
  private goOn(push: () => void, pcAt: number): void {
    const { f } = this;
    push();
    f.tee(this.index);
    f.if();
    this.goTo(() => f.get(this.index), 1);
    f.end();
    this.leaveTo(() => this.address64(pcAt));
  }

  /** @param record of the branch, from the one that is run */
  private branch(pushCondition: () => void, record = 0): void {
    const { f } = this;
    pushCondition();
    f.if();
    this.depth++;
    this.goOn(() => word(f, record + 8), record + 16);
    this.depth--;
    f.end();
    this.goOn(() => word(f, record + 12), record + 24);
  }

  private branchIfZero(type: 'i32' | 'i64'): void {
    this.branch(() => {
      operand(this.f, 0, type);
      this.f.op(C[`${type}.eqz`]);
    });
  }

  private isNot0(): void {
    operand(this.f, 0, 'i64');
    this.f.i64(0, 0);
    this.f.op(C['i64.ne']);
  }

  private compareAndBranch(type: 'i32' | 'i64'): void {
    putFlags(this);
    this.branch(() => testComparison(this, type), RECORD);
  }

  private syscall(): void {
    const { f } = this;
    this.storeLeft();
    this.storePc(() => this.address64(16));
    f.call(this.imports.syscall);
    f.if();
    this.returnEvent();
    f.end();
    this.loadLeft();
    this.goOn(() => word(f, 4), 16);
  }

  /** Goes on at the address in the local, if the jump cache knows cold code there; falls through if not. @param onHit before that */
  private goWhereCold(onHit: () => void): void {
    const { f } = this;
    f.get(this.address);
    f.op(C['i32.wrap_i64']);
    f.i32(2);
    f.op(C['i32.shl']);
    f.i32((JUMP_CACHE_ENTRIES - 1) << 4);
    f.op(C['i32.and']);
    f.loadCell('i32', Cell.jumpCache);
    f.op(C['i32.add']);
    f.tee(this.cacheEntry);
    f.memory(C['i64.load'], 0);
    f.get(this.address);
    f.op(C['i64.eq']);
    f.get(this.cacheEntry);
    f.memory(C['i32.load'], 8);
    f.i32(this.tableIndex);
    f.op(C['i32.eq']);
    f.op(C['i32.and']);
    f.if();
    onHit();
    this.goTo(() => {
      f.get(this.cacheEntry);
      f.memory(C['i32.load'], 12);
    }, 1);
    f.end();
  }

  private addToCalls(n: number): void {
    const { f } = this;
    f.get(this.calls);
    f.i32(n);
    f.op(C['i32.add']);
    f.set(this.calls);
  }

  private indirect(): void {
    operand(this.f, 0, 'i64');
    this.f.set(this.address);
    this.goWhereCold(() => {});
    this.leaveTo(() => this.f.get(this.address));
  }

  /** Whoever called cold code from outside looks for its return address itself. */
  private return(): void {
    const { f } = this;
    operand(f, 0, 'i64');
    f.set(this.address);
    f.get(this.calls);
    f.if();
    this.depth++;
    this.addToCalls(-1);
    this.goWhereCold(() => {});
    this.depth--;
    f.end();
    this.leaveTo(() => f.get(this.address));
  }

  private setAndCall(): void {
    this.putWord();
    this.skip(1);
  }

  /** A call of cold code is a jump; of a region, a Wasm call. */
  private call(): void {
    const { f } = this;
    word(f, 4);
    f.tee(this.index);
    f.if();
    f.get(this.index);
    f.memory(C['i32.load16_u'], 0);
    f.i32(Step.entry);
    f.op(C['i32.eq']);
    f.if();
    this.addToCalls(1);
    this.goTo(() => f.get(this.index), 2);
    f.end();
    f.end();
    this.address64(16);
    f.set(this.address);
    this.callOut();
  }

  private callIndirect(): void {
    const { f } = this;
    operand(f, 0, 'i64');
    f.set(this.address);
    f.i32(0);
    f.get(this.address);
    f.memory(C['i64.store'], Cell.callee);
    this.goWhereCold(() => this.addToCalls(1));
    this.callOut();
  }

  /** Calls what is at the address in the local; goes on behind the call if it comes back to there. */
  private callOut(): void {
    const { f } = this;
    f.get(this.frames);
    f.i32(COLD_FRAME);
    f.op(C['i32.lt_s']);
    f.if();
    this.leaveTo(() => f.get(this.address));
    f.end();
    this.storeLeft();
    f.get(this.address);
    f.get(this.frames);
    f.i32(COLD_FRAME);
    f.op(C['i32.sub']);
    f.call(this.imports.dispatch);
    f.tee(this.address);
    this.address64(24);
    f.op(C['i64.ne']);
    f.if();
    f.get(this.address);
    f.return();
    f.end();
    this.loadLeft();
    this.goOn(() => word(f, 8), 24);
  }

  private trap(event: number): void {
    const { f } = this;
    for (const [cell, at] of [
      [Cell.trapCode, 8],
      [Cell.trapArgument, 12],
    ] as const) {
      f.i32(0);
      word(f, at);
      f.memory(C['i32.store'], cell);
    }
    this.storeEvent(event);
    this.stop();
  }

  private copy(type: Ty): void {
    result(this.f, type, () => operand(this.f, 0, type));
    this.next();
  }

  private setTo(type: Ty): void {
    const { f } = this;
    word(f, 12);
    operand(f, 0, type);
    f.memory(C[`${type}.store`], 0);
    this.next();
  }

  /** What `set64` does. @param record the one to do it for, from the one that is run */
  private putWord(record = 0): void {
    const { f } = this;
    word(f, record + 12);
    word(f, record + 4);
    f.memory(C['i64.load'], 0);
    f.memory(C['i64.store'], 0);
  }

  private setPair(): void {
    this.putWord();
    this.putWord(RECORD);
    this.next(0, 2);
  }

  private checkAligned(): void {
    const { f } = this;
    operand(f, 0, 'i64');
    f.tee(this.address);
    f.op(C['i32.wrap_i64']);
    word(f, 12);
    f.op(C['i32.and']);
    f.if();
    f.i32(0);
    f.get(this.address);
    f.memory(C['i64.store'], Cell.faultAddress);
    this.storeEvent(EVENT_MISALIGNED);
    this.stop();
    f.end();
    this.next();
  }

  private trapIf(): void {
    operand(this.f, 0, 'i32');
    this.f.if();
    this.trap(EVENT_TRAP_INSIDE);
    this.f.end();
    this.next();
  }

  private input(): void {
    result(this.f, 'i64', () => {
      word(this.f, 12);
      this.f.call(this.imports.input);
    });
    this.next();
  }

  /** A helper's function takes its arguments from the records behind this one, which hold their offsets and are no steps. */
  private helper(): void {
    const { f } = this;
    callFunction(f, this.functionType, () => word(f, 12));
    this.skipArguments();
  }

  private coldHelper(type: Ty): void {
    const { f } = this;
    operand(f, 0, 'i32');
    f.if();
    callFunction(f, this.functionType, () => word(f, 12));
    f.else();
    result(f, type, () => operand(f, 1, type));
    f.end();
    this.skipArguments();
  }

  /** The record's instruction number stands for the records that it takes. */
  private skipArguments(): void {
    const { f } = this;
    f.get(AT);
    f.get(AT);
    f.memory(C['i32.load16_u'], 2);
    f.i32(4);
    f.op(C['i32.shl']);
    f.op(C['i32.add']);
    f.set(AT);
    f.br(this.depth);
  }

  private inline(op: number, isGuarded: boolean): void {
    const { f } = this;
    const info = OP_TABLE[op] as (typeof OP_TABLE)[number];
    if (info.kind === 'load') return loadStep(this, op, info.result as Ty, info.bytes, isGuarded);
    if (info.kind === 'store') return storeStep(this, op, info.args[1] as Ty, info.bytes, isGuarded);
    pureOp(f, op);
    this.next();
  }
}
