export { callersOf } from './backtrace.ts';
export { ascii, type ByteString, byteString, bytesOf, decodeText, encodeText } from './byteString.ts';
export * from './createProcess.ts';
export * from './elf/index.ts';
export { Environment } from './environment.ts';
export * from './errno.ts';
export type { OpenFile } from './files/openFile.ts';
export { AT_FDCWD } from './files/pathLookup.ts';
export { GuestRandom } from './guestRandom.ts';
export * from './host.ts';
export type { HostProgram, HostProgramRequest, StartHostProgram } from './kernel/hostProgram.ts';
export type { Kernel } from './kernel/kernel.ts';
export type { FaultEvent, KernelDebugger } from './kernel/kernelEvents.ts';
export type { Thread } from './kernel/thread.ts';
export { Blocked } from './kernel/waiting.ts';
export { imageExtent } from './loader/imageMapper.ts';
export { DEFAULT_STACK_SIZE, type LoadedProgram } from './loader/loadProgram.ts';
export type { FilePart, MappedRange } from './memory/fileMappings.ts';
export * from './memoryHost/index.ts';
export type { LinuxProcess, SyscallCall, SyscallObserver, Termination } from './process.ts';
export { findProc } from './procfs/find.ts';
export {
  causeOf,
  encodeSiginfo,
  HOST_SIGNALS,
  Signal,
  SignalCode,
  type SignalInfo,
  sendFromHost,
  sendToThread,
  signalDefault,
  signalName,
  signalText,
  uncaughtSignalMessage,
  wantedHostSignals,
} from './signals/index.ts';
export { type CallText, callTextOf } from './strace/index.ts';
export type { SyscallArguments } from './syscalls/arguments.ts';
export type { SyscallResult } from './syscalls/row.ts';
export { allSyscallRows } from './syscalls/table.ts';
