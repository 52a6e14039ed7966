export { TraceChecker } from './checker.ts';
export {
  type Compression,
  type FrameHead,
  FrameKind,
  MAX_FRAME_HEAD,
  readFileStart,
  readFrameHead,
  TraceDamage,
  type TraceKey,
} from './chunks/chunkFile.ts';
export { ChunkFileParser, type ChunkFileVisitor } from './chunks/chunkFileParser.ts';
export { ChunkFileChecker } from './chunks/fileChecker.ts';
export * from './chunks/header.ts';
export type { Rewrite } from './chunks/newestFile.ts';
export type { CodeMapping, TracedProcess } from './codeMappings.ts';
export { Copier } from './copier.ts';
export type { WantedData } from './dataFilter.ts';
export { type BlockDefinition, readDefinition, type SymbolSpan, writeDefinition } from './definition.ts';
export type { TraceEvent } from './events.ts';
export { withValues } from './expandLoads.ts';
export { keepLast } from './flightRecorder.ts';
export * from './formats/index.ts';
export { TraceHash } from './hash.ts';
export type { BlockEnd, BlockLayout } from './layout.ts';
export { type CoveredFile, type FollowedBlock, LineCoverage, ThreadCalls, type TracedFunction } from './profile/index.ts';
export { type Access, type BlockProgram, type InsnShape, NOWHERE, type RegisterValue } from './program.ts';
export { TraceReader, type TraceVisitor } from './reader.ts';
export { abandonRing, Control as RingControl, createRingControl, RingDrain } from './ring.ts';
export * from './selection.ts';
export * from './sink.ts';
export { REMAPPING_CALLS, tracedProcess } from './tracedProcess.ts';
export { type Symbolize, Tracer, type TracerOptions } from './tracer.ts';
export * from './triggers.ts';
export { type StepWindow, WHOLE_TRACE, WindowVisitor } from './window.ts';
export {
  type AddressSpan,
  BARE_INSN,
  FLAGS,
  type InsnPlace,
  type InsnWish,
  type RegisterWish,
  TRACE_LEVELS,
  type TraceLevel,
  WHOLE_INSN,
  type Wish,
  wholeWish,
} from './wish.ts';
