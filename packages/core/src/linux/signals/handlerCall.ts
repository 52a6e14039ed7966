import type { Thread } from '../kernel/thread.ts';
import { type SignalAction, SignalFlag } from './actions.ts';
import { signalBit } from './numbers.ts';
import { encodeSiginfo, type SignalInfo } from './siginfo.ts';
import { StackFlag } from './threadSignals.ts';

/** Where control goes that a program sends to an address from 2^53 on: nothing is mapped there either. */
const NOWHERE = 2 ** 52;

const codeAddress = (address: bigint): number => (address < BigInt(NOWHERE) ? Number(address) : NOWHERE);

function setRegisters(thread: Thread, registers: readonly (readonly [name: string, value: bigint])[]): void {
  const { cpu } = thread.process;
  for (const [name, value] of registers) cpu.setByName(name, value);
}

/**
 * Makes a thread, whose registers are loaded, run a signal's handler next.
 * @param pc where it goes on afterwards
 * @returns false if that cannot be: there is no memory where the frame should be
 */
export function callHandler(thread: Thread, info: SignalInfo, action: SignalAction, pc: bigint): boolean {
  const { process, signals, kernel } = thread;
  const { guest, cpu, space } = process;
  const frames = guest.linux.signalFrames;
  if (frames === undefined) return false;
  const stackPointer = cpu.getByName(guest.roles.stackPointer);
  const { address, size, flags } = signals.alternateStack;
  const switches = (action.flags & SignalFlag.onStack) !== 0n && (flags & StackFlag.disable) === 0 && !signals.isOnStack(stackPointer);
  const frame = frames.push(cpu, {
    signal: info.signal,
    info: (action.flags & SignalFlag.signalInfo) === 0n ? undefined : encodeSiginfo(info),
    pc,
    stackTop: switches ? address + size : stackPointer,
    mask: signals.blockedAfterwards,
    alternateStack: signals.stackSeenFrom(stackPointer),
    faultAddress: signals.faultAddress,
    handler: action.handler,
    tracksBranches: space.branchTargets(codeAddress(action.handler)) !== 'free',
    returnAddress: (action.flags & SignalFlag.restorer) === 0n ? BigInt(process.program.sigreturn) : action.restorer,
  });
  if (frame.address >= BigInt(NOWHERE) || !space.kernelWrite(Number(frame.address), frame.bytes)) return false;
  setRegisters(thread, frame.registers);
  kernel.machine.pc = codeAddress(frame.pc);
  signals.keepBlocked();
  signals.blocked |= action.mask | ((action.flags & SignalFlag.noDefer) === 0n ? signalBit(info.signal) : 0n);
  if ((flags & StackFlag.autoDisarm) !== 0) signals.disarm();
  kernel.registersChanged(thread);
  return true;
}

/** rt_sigreturn: a thread, whose registers are loaded, goes on where a handler interrupted it. @returns false if there is no frame at the stack pointer */
export function returnFromHandler(thread: Thread): boolean {
  const { process, signals, kernel } = thread;
  const { guest, cpu, space } = process;
  const frames = guest.linux.signalFrames;
  const stackPointer = cpu.getByName(guest.roles.stackPointer);
  if (frames === undefined || stackPointer >= BigInt(NOWHERE)) return false;
  const bytes = space.kernelRead(Number(stackPointer), frames.size);
  const context = bytes && frames.restore(stackPointer, bytes);
  if (context === undefined) return false;
  setRegisters(thread, context.registers);
  cpu.nzcv = context.nzcv;
  kernel.machine.pc = codeAddress(context.pc);
  signals.blocked = context.mask;
  // What the handler wrote there counts as sigaltstack would have it; what that refuses has no effect.
  const { alternateStack: stack } = context;
  const mode = stack.flags & ~StackFlag.autoDisarm;
  if (signals.isOnStack(cpu.getByName(guest.roles.stackPointer))) return true;
  if (mode === StackFlag.disable) signals.disarm();
  else if ((mode === 0 || mode === StackFlag.onStack) && stack.size >= frames.smallestStack) signals.alternateStack = stack;
  return true;
}
