import { ByteWriter, Cell, RING_SLACK, STATE } from '../../base/index.ts';
import { type Block, lastInsnPc, OP, OP_TABLE, type Terminator } from '../../ir/index.ts';
import { CALL_SITE, EVENT_FLAG_KIND, EVENT_MISALIGNED, EVENT_TRAP, EVENT_TRAP_INSIDE, LEARNT_JUMPS, SITE_LINK } from '../constants.ts';
import type { FunctionBody } from '../functionBody.ts';
import { CODE } from '../opcodes.ts';
import { type Accesses, NOT_CONSTANT } from './accessGroups.ts';
import { type Availability, analyseAvailability } from './availability.ts';
import { type BudgetChecks, planBudget } from './budget.ts';
import { emitCallback } from './callback.ts';
import { Context, type LoopSlot, type LoweringOptions, PARAM_DEPTH, PARAM_SLOT, type Scratch } from './context.ts';
import { ControlFlow } from './controlFlow.ts';
import { KEPT_REGISTERS, keepChecks } from './keptChecks.ts';
import { analyseLiveness } from './liveness.ts';
import { callFreeLoops, crowdedLoopEntries } from './loops.ts';
import { emitStore, loadLoopSlot, loadStackSlot } from './memoryAccess.ts';
import { planLoopSlots, planStackSlot } from './memoryPlan.ts';
import { Place } from './placement.ts';
import { type RegionGraph, regionGraph } from './regionGraph.ts';
import type { LoweredRegion, Region } from './regionType.ts';
import { REGION_PARAMS } from './regionType.ts';
import { checkRing, emitRingOp, ringBytes } from './ringOps.ts';
import { callRuntime, LINKS_TABLE, REGION_TYPE, returnCallRuntime } from './runtime.ts';
import { emitCode, emitValue } from './values.ts';
import { deferringBlocks, lastWriteThrough } from './writeThrough.ts';

const C = CODE;

/** A region as one Wasm function, to be put into a module by `regionModule`. */
export function lowerRegion(region: Region, options: LoweringOptions, scratch: Scratch): LoweredRegion {
  return new RegionLowering(region, options, scratch).lower();
}

/** An indirect jump's targets that lie this close together (in instructions) make a jump table. */
const MAX_SWITCH_SPAN = 1024;

class RegionLowering {
  private readonly x: Context;
  private readonly body: FunctionBody;
  private readonly graph: RegionGraph;
  private readonly links: number[] = [];
  private readonly linkIndex = new Map<number, number>();
  private readonly budget: BudgetChecks;
  private flow!: ControlFlow;
  private readonly accesses: Accesses;
  private readonly stackMoves: readonly number[];
  private readonly defers: Uint8Array;
  private readonly availability: Availability;
  /** Memory check slots loaded before a loop, by its header. */
  private slotsOfLoop: ReadonlyMap<number, readonly LoopSlot[]> = new Map();

  constructor(
    private readonly region: Region,
    private readonly options: LoweringOptions,
    scratch: Scratch,
  ) {
    this.body = scratch.body;
    const { buffer, layout, entries } = region;
    this.graph = regionGraph(region, options.chain, !options.disabled.has('split-entries'));
    const { blocks, successors, structured, blockAt } = this.graph;
    this.accesses = scratch.accesses;
    this.accesses.reset(buffer);
    const grouped = !options.disabled.has('access-groups');
    const stackPointer = options.stackPointer.index;
    const keeps = grouped && options.chain && blocks.length > 1 && !options.disabled.has('kept-checks');
    const ends: Int32Array[] = [];
    this.stackMoves = blocks.map((block) => {
      const move = grouped ? this.accesses.analyse(buffer, block, stackPointer) : NOT_CONSTANT;
      if (keeps) ends.push(this.accesses.registersAtEnd(KEPT_REGISTERS));
      return move;
    });
    if (keeps) keepChecks({ buffer, blocks, successors, entries: [0, ...entries], order: structured.order, accesses: this.accesses, ends, stackPointer });
    this.body.reset(REGION_PARAMS);
    const loopOf = callFreeLoops(structured, blocks);
    this.defers = deferringBlocks(loopOf, blocks.length, !options.disabled.has('write-through'));
    const starts = [0, ...entries];
    const writtenThrough = Int32Array.from(blocks, (block, n) => (this.defers[n] === 1 ? -1 : lastWriteThrough(buffer, block, this.accesses)));
    const meets = this.defers.map((defers) => (defers === 1 || options.disabled.has('meet-stores') ? 0 : 1));
    const crowded = (touched: readonly Uint32Array[]): Uint8Array =>
      options.disabled.has('loop-stores') ? new Uint8Array(blocks.length) : crowdedLoopEntries(structured, touched);
    const liveness = analyseLiveness({ buffer, layout, blocks, successors, entries: starts, writtenThrough, meets, crowded, mayGuard: options.mayGuardFlags });
    this.availability = analyseAvailability(liveness, blocks, successors, starts, loopOf, !options.disabled.has('lazy-loads'));
    this.x = new Context(buffer, layout, undefined, this.body, scratch, options, liveness);
    this.budget = planBudget(structured, blocks, blockAt, entries);
  }

  lower(): LoweredRegion {
    const { x, body } = this;
    x.left = body.local('i32');
    if (this.options.ring) {
      x.ringPointer = body.local('i32');
      // Between two checks, no block comes twice.
      const bytes = ringBytes(x.buffer, this.graph.blocks);
      x.ringIsChecked = bytes > 0 && bytes <= RING_SLACK;
    }
    x.address = body.local('i64');
    x.index = body.local('i32');
    x.nextPc = body.local('i64');
    planStackSlot(x, this.graph.blocks, this.graph.successors, this.stackMoves, this.region.entries);
    this.slotsOfLoop = planLoopSlots(x, this.graph.blocks, this.graph.structured);
    x.loadCounters();
    x.loadRegisters(this.availability.loadedAtEntry);
    loadStackSlot(x);
    if (this.graph.entryNode < 0) this.guardFlags(0);
    this.flow = new ControlFlow(this.graph.structured, body, {
      node: (node) => (node === this.graph.entryNode ? this.enter() : this.block(node)),
      beforeLoop: (header) => {
        for (const slot of this.slotsOfLoop.get(header) ?? []) loadLoopSlot(x, slot);
      },
    });
    this.flow.write(0);
    const code = new ByteWriter(body.code.length + 64);
    return { ...body.finish(code), code: code.copy(), links: this.links, helpers: x.helpers, frame: body.frameUnits };
  }

  // Entries

  /** Goes to the block that is to be entered. */
  private enter(): void {
    const { body } = this;
    const { entryNode } = this.graph;
    this.region.entries.forEach((block, k) => {
      body.get(PARAM_SLOT);
      body.i32(-1 - k);
      body.op(C['i32.eq']);
      body.if();
      this.flow.inside(() => {
        this.guardFlags(block);
        this.flow.goTo(entryNode, block);
      });
    });
    this.guardFlags(0);
    this.flow.goTo(entryNode, 0);
  }

  /** Leaves the region, at one of its entries, if the flags are not of the kind that the block there expects. */
  private guardFlags(node: number): void {
    const { x, body } = this;
    const kind = x.liveness.guards.get(node);
    if (kind === undefined) return;
    const block = this.graph.blocks[node] as Block;
    body.loadCell('i32', STATE + x.layout.flags.kind.offset);
    body.i32(kind);
    body.op(C['i32.ne']);
    body.unlikelyIf();
    x.storeCell(Cell.event, EVENT_FLAG_KIND);
    x.storeCell(Cell.trapArgument, Math.max(block.insns, 1));
    x.storePc(block.pc);
    x.returnEvent();
    body.end();
  }

  // A block

  private block(node: number): void {
    const { x, body } = this;
    const block = this.graph.blocks[node] as Block;
    x.startBlock(block);
    x.frameOffset = x.frame?.offsetIn[node];
    x.frameChecked = x.frame?.checkedIn[node] === 1;
    x.dirty.set(x.liveness.dirtyIn[node] as Uint32Array);
    x.flagKind = x.liveness.flagKindIn[node];
    x.isDeferring = this.defers[node] === 1;
    x.available.set(this.availability.availableIn[node] as Uint32Array);
    if (this.budget.isCheck[node]) {
      this.check(node, block);
      if (x.ringIsChecked) checkRing(x);
    }
    x.loadRegisters(this.availability.loads[node] as Uint32Array);
    if (block.insns > 0) {
      body.get(x.left);
      body.i32(block.insns);
      body.op(C['i32.sub']);
      body.set(x.left);
    }
    for (let i = block.start; i < block.end; i++) {
      const place = x.placement.place[i];
      if (place === Place.effect) this.effect(i);
      else if (place === Place.local) {
        emitCode(x, i);
        const local = x.temp(x.buffer.typeOf(i));
        body.set(local);
        x.valueLocal[i] = local;
      }
    }
    const set = x.liveness.def[node] as Uint32Array;
    for (let w = 0; w < set.length; w++) x.available[w] |= set[w];
    this.terminator(node, block);
  }

  private check(node: number, block: Block): void {
    const { x, body } = this;
    body.get(x.left);
    body.i32(this.budget.need[node]);
    body.op(C['i32.lt_s']);
    body.unlikelyIf();
    x.storeDirty();
    x.storeCounters();
    x.storePc(block.pc);
    body.i32(this.budget.need[node]);
    body.self();
    callRuntime(body, 'tick');
    body.if();
    x.returnEvent();
    body.end();
    if (node === 0 || this.graph.structured.isLoopHeader[node] || this.graph.structured.via.has(node) || this.region.entries.includes(node)) {
      // Entered anew, so that V8 can swap in optimised code: it does not replace a running function.
      this.dispatchTo(() => x.pcConst(block.pc));
    } else {
      x.loadCounters();
    }
    body.end();
  }

  private effect(i: number): void {
    const { x, body } = this;
    const { op, a, b, c, imm, imm2 } = x.buffer;
    const o = op[i];
    if (OP_TABLE[o]?.kind === 'store') return emitStore(x, i);
    switch (o) {
      case OP.insn:
        return;
      case OP.setReg:
        emitValue(x, a[i]);
        body.set(x.local(imm[i]));
        return x.markDirty(imm[i]);
      case OP.setFlags: {
        const { flags } = x.layout;
        emitValue(x, a[i]);
        emitValue(x, b[i]);
        if (c[i] >= 0) {
          emitValue(x, c[i]);
          body.set(x.local(flags.c.index));
        }
        body.set(x.local(flags.b.index));
        body.set(x.local(flags.a.index));
        x.flagKind = imm[i];
        if (x.liveness.needsKindLocal) {
          body.i32(imm[i]);
          body.set(x.local(flags.kind.index));
        }
        return x.markDirty(flags.a.index);
      }
      case OP.checkAligned:
        emitValue(x, a[i]);
        body.tee(x.address);
        body.op(C['i32.wrap_i64']);
        body.i32(imm[i] - 1);
        body.op(C['i32.and']);
        body.unlikelyIf();
        body.storeCell('i64', Cell.faultAddress, () => body.get(x.address));
        x.storeCell(Cell.event, EVENT_MISALIGNED);
        x.faultExit(x.placement.insn[i]);
        return body.end();
      case OP.trapIf:
        emitValue(x, a[i]);
        body.unlikelyIf();
        x.storeCell(Cell.trapCode, imm[i]);
        x.storeCell(Cell.trapArgument, imm2[i]);
        x.storeCell(Cell.event, EVENT_TRAP_INSIDE);
        x.faultExit(x.placement.insn[i]);
        return body.end();
      case OP.ringReserve:
      case OP.ringStep:
      case OP.ringStore:
      case OP.ringCommit:
      case OP.count:
      case OP.mark:
        return emitRingOp(x, i);
      case OP.counterSet:
        x.hasRecord = true;
        return body.storeCell('i64', imm[i], () => emitValue(x, a[i]));
      case OP.callback:
        return emitCallback(x, i);
      default:
        // A load or an impure helper whose value nobody uses
        emitCode(x, i);
        body.op(C.drop);
    }
  }

  // Ends of blocks

  private terminator(node: number, block: Block): void {
    const { x, body } = this;
    const t = block.terminator;
    switch (t.kind) {
      case 'jump':
        return this.direct(node, t.target);
      case 'branch': {
        emitValue(x, t.condition);
        if (t.taken === t.fallThrough) {
          body.op(C.drop);
          return this.direct(node, t.taken);
        }
        const dirty = x.dirty.slice();
        const available = x.available.slice();
        const { flagKind } = x;
        body.if();
        this.flow.inside(() => this.direct(node, t.taken));
        // The arm may have gone through other blocks
        x.dirty.set(dirty);
        x.available.set(available);
        x.flagKind = flagKind;
        return this.direct(node, t.fallThrough);
      }
      case 'call':
        return this.options.chain ? this.call(node, t.returnAddress, () => this.linkedCall(t.target), t.target) : this.direct(node, t.target);
      case 'callIndirect':
        emitValue(x, t.target);
        body.set(x.nextPc);
        if (!this.options.chain) return this.leave(() => body.get(x.nextPc));
        return this.call(node, t.returnAddress, () => this.dispatchCall());
      case 'jumpIndirect':
        emitValue(x, t.target);
        body.set(x.nextPc);
        this.localSwitch(node);
        x.storeDirty();
        x.storeCounters();
        this.tellTarget(block);
        return this.dispatchTo(() => body.get(x.nextPc));
      case 'return':
        emitValue(x, t.target);
        body.set(x.nextPc);
        return this.leave(() => body.get(x.nextPc));
      case 'syscall':
        x.storeDirty();
        x.storeCounters();
        x.storePc(t.next);
        callRuntime(body, 'syscall');
        body.unlikelyIf();
        x.returnEvent();
        body.end();
        return this.resume(node, t.next);
      case 'exit':
        return this.leave(() => x.pcConst(t.next));
      case 'trap':
        return this.trap(block, t);
    }
  }

  /** A direct branch: inside the region, or through a link. */
  private direct(node: number, pc: number): void {
    const target = this.targetOf(node, pc);
    if (target === undefined) return this.exitTo(pc);
    this.load(target);
    this.flow.goTo(node, target);
  }

  /** The block that a branch of `node` to `pc` goes to; undefined outside the region. */
  private targetOf(node: number, pc: number): number | undefined {
    const target = this.graph.blockAt.get(pc);
    return target === undefined ? undefined : (this.graph.redirected.get(node)?.get(target) ?? target);
  }

  /** Stores and loads what must be in the CPU state and in locals where `target` starts. */
  private load(target: number): void {
    this.x.storeDirtyOf(this.x.liveness.storedInto[target] as Uint32Array);
    this.x.loadRegisters(this.availability.required[target] as Uint32Array);
  }

  private exitTo(pc: number): void {
    this.x.storeDirty();
    this.x.storeCounters();
    this.jumpTo(pc);
  }

  /** To the region at `pc`, with everything in the CPU state and the cells. */
  private jumpTo(pc: number): void {
    const { body } = this;
    if (!this.options.chain) {
      this.x.pcConst(pc);
      return body.return();
    }
    if (this.options.isLoopEntry(pc)) return this.dispatchTo(() => this.x.pcConst(pc));
    const slot = this.link(pc);
    body.link(slot);
    body.get(PARAM_DEPTH);
    body.link(slot);
    body.returnCallIndirect(REGION_TYPE, LINKS_TABLE);
  }

  private link(pc: number): number {
    let slot = this.linkIndex.get(pc);
    if (slot === undefined) {
      slot = this.links.push(pc) - 1;
      this.linkIndex.set(pc, slot);
    }
    return slot;
  }

  /** A guest call is a Wasm call; if the callee does not come back to the return address, this frame goes too. */
  private call(node: number, returnAddress: number, emitCall: () => void, target?: number): void {
    const { x, body } = this;
    x.storeDirty();
    x.storeCounters();
    body.get(PARAM_DEPTH);
    body.frame();
    body.op(C['i32.lt_s']);
    body.unlikelyIf();
    if (target === undefined) body.get(x.nextPc);
    else x.pcConst(target);
    body.return();
    body.end();
    emitCall();
    body.tee(x.nextPc);
    x.pcConst(returnAddress);
    body.op(C['i64.ne']);
    body.unlikelyIf();
    body.get(x.nextPc);
    body.return();
    body.end();
    this.resume(node, returnAddress);
  }

  /** Goes on at `pc` with everything in the CPU state: behind a call or a syscall. */
  private resume(node: number, pc: number): void {
    const { x } = this;
    x.dirty.fill(0);
    const target = this.graph.blockAt.get(pc);
    if (target === undefined || (this.graph.successors[node] as readonly number[]).length === 0) return this.jumpTo(pc);
    x.loadCounters();
    x.available.fill(0);
    this.load(target);
    loadStackSlot(x);
    this.flow.goTo(node, target);
  }

  private linkedCall(target: number): void {
    const { body } = this;
    const isSelf = target === (this.graph.blocks[0] as Block).pc && !this.options.disabled.has('self-call');
    if (isSelf) {
      body.i32(0);
      this.depthBelow();
      return body.callSelf();
    }
    const slot = this.link(target);
    body.link(slot);
    this.depthBelow();
    body.link(slot);
    body.callIndirect(REGION_TYPE, LINKS_TABLE);
  }

  /** Calls the region at `nextPc`: the one that the call site knows, or another. */
  private dispatchCall(): void {
    const { body, x } = this;
    const site = this.options.hasCallSites ? this.options.allocateSlot() : undefined;
    const link = site === undefined ? 0 : this.links.push(SITE_LINK) - 1;
    if (site !== undefined) {
      body.shiftedCell('i64', site + CALL_SITE.pc);
      body.get(x.nextPc);
      body.op(C['i64.eq']);
      body.if('i64');
      body.shiftedCell('i32', site + CALL_SITE.entry);
      this.depthBelow();
      body.link(link);
      body.callIndirect(REGION_TYPE, LINKS_TABLE);
      body.else();
    }
    body.storeCell('i64', Cell.callee, () => body.get(x.nextPc));
    body.get(x.nextPc);
    this.depthBelow();
    if (site === undefined) return callRuntime(body, 'dispatch');
    body.shiftedOffset(site);
    body.link(link);
    body.self();
    callRuntime(body, 'dispatchFromSite');
    body.end();
  }

  private depthBelow(): void {
    this.body.get(PARAM_DEPTH);
    this.body.frame();
    this.body.op(C['i32.sub']);
  }

  /** Goes to the region at the pushed pc, in place of this one; frames below stay. */
  private dispatchTo(pushPc: () => void): void {
    const { body } = this;
    pushPc();
    if (!this.options.chain) return body.return();
    body.get(PARAM_DEPTH);
    returnCallRuntime(body, 'dispatch');
  }

  /** Tells the engine where an indirect jump goes that the region does not know as its own. */
  private tellTarget(block: Block): void {
    const { body, x } = this;
    const jumpPc = lastInsnPc(block);
    if (!this.options.learns(jumpPc)) return;
    // A slot of no access counts, where others have their delta; from 0 again when all slots are cleared.
    const counter = this.options.allocateSlot() + 16;
    body.shiftedCell('i32', counter);
    body.i32(LEARNT_JUMPS);
    body.op(C['i32.lt_u']);
    body.unlikelyIf();
    body.shiftedOffset(counter);
    body.i32(jumpPc | 0);
    body.i32(Math.floor(jumpPc / 0x1_0000_0000));
    body.halves(x.nextPc);
    body.self();
    callRuntime(body, 'learn');
    body.memory(C['i32.store'], 0);
    body.end();
  }

  /** Known targets of an indirect jump inside the region; falls through where the target is none of them. */
  private localSwitch(node: number): void {
    const targets = this.region.localTargets.get(node);
    if (targets === undefined || targets.length === 0) return;
    const { body } = this;
    for (const target of targets) this.load(target);
    const pcs = targets.map((target) => (this.graph.blocks[target] as Block).pc);
    const low = Math.min(...pcs);
    const high = Math.max(...pcs);
    const align = pcs.every((pc) => (pc - low) % 4 === 0) ? 4 : 2;
    const span = (high - low) / align + 1;
    // One more block around: "none of them" leaves it.
    body.block();
    this.flow.inside(() => {
      if (span > MAX_SWITCH_SPAN) for (const target of targets) this.goIfNextPcIs(node, target);
      else {
        // A target behind a dispatch node needs its label set on the way: a block each, that the table leads to the end of.
        const behind = targets.filter((target) => this.flow.isBehindDispatch(node, target));
        this.switchBehind(node, behind, 0, () => this.jumpTable(node, targets, behind, { low, align, span }));
      }
    });
  }

  /** Writes `emitTable` inside of a block for each of `behind` from number `at` on, the first of them the outermost. */
  private switchBehind(node: number, behind: readonly number[], at: number, emitTable: () => void): void {
    const target = behind[at];
    if (target === undefined) return emitTable();
    this.body.block();
    this.flow.inside(() => this.switchBehind(node, behind, at + 1, emitTable));
    this.flow.goTo(node, target);
  }

  /** A table of branches to `targets`; those in `behind` to the ends of their blocks, none of them beyond. */
  private jumpTable(node: number, targets: readonly number[], behind: readonly number[], table: { low: number; align: number; span: number }): void {
    const { x, body } = this;
    const { low, align, span } = table;
    // index = rotate right (target - low) by the alignment's bits: misaligned targets become huge
    body.get(x.nextPc);
    x.pcConst(low);
    body.op(C['i64.sub']);
    body.i64(align === 4 ? 62 : 63, 0);
    body.op(C['i64.rotl']);
    const index = x.temp('i64');
    body.tee(index);
    body.i64(span, 0);
    body.op(C['i64.ge_u']);
    body.brIf(behind.length);
    const labels = new Array<number>(span).fill(behind.length);
    for (const target of targets) {
      const at = behind.indexOf(target);
      labels[((this.graph.blocks[target] as Block).pc - low) / align] = at < 0 ? this.flow.labelOf(node, target) : behind.length - 1 - at;
    }
    body.get(index);
    body.op(C['i32.wrap_i64']);
    body.brTable(labels, behind.length);
  }

  private goIfNextPcIs(node: number, target: number): void {
    const { x, body } = this;
    body.get(x.nextPc);
    x.pcConst((this.graph.blocks[target] as Block).pc);
    body.op(C['i64.eq']);
    body.if();
    this.flow.inside(() => this.flow.goTo(node, target));
  }

  /** Returns a pc to whoever called: the caller's region, or the dispatcher. */
  private leave(pushPc: () => void): void {
    this.x.storeDirty();
    this.x.storeCounters();
    pushPc();
    this.body.return();
  }

  private trap(block: Block, t: Extract<Terminator, { kind: 'trap' }>): void {
    const { x } = this;
    const completed = Math.max(block.insns - 1, 0);
    x.storeDirty();
    x.storeLocalToCell(Cell.left, x.left, block.insns - completed);
    if (this.options.ring) x.storeLocalToCell(Cell.ringPointer, x.ringPointer);
    x.storeCell(Cell.faultInsns, completed);
    x.storeCell(Cell.trapCode, t.code);
    x.storeCell(Cell.trapArgument, t.argument);
    x.storeCell(Cell.event, EVENT_TRAP);
    x.storePc(t.pc);
    x.returnEvent();
  }
}
