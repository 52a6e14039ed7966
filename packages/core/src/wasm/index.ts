export { coldHelperModule } from './cold/calledOps.ts';
export * from './cold/coldModule.ts';
export * from './cold/records.ts';
export * from './dispatcher.ts';
export { FunctionBody, HELPER_INDEX_BYTES } from './functionBody.ts';
export { FunctionWriter, type Value } from './functionWriter.ts';
export {
  EVENT_CAREFUL,
  EVENT_FAULT,
  EVENT_FLAG_KIND,
  EVENT_LEAVE,
  EVENT_MISALIGNED,
  EVENT_NONE,
  EVENT_TRAP,
  EVENT_TRAP_INSIDE,
  EVENT_WILD,
  Scratch,
  type VectorOptions,
} from './lower/context.ts';
export { lowerHelper, reexportModule } from './lower/helperModule.ts';
export { lowerRegion } from './lower/region.ts';
export { loopHeaderAround } from './lower/regionGraph.ts';
export type { LoweredRegion, Region } from './lower/regionType.ts';
export { RUNTIME_NAMES } from './lower/runtime.ts';
export * from './module.ts';
export { NZCV_PARAMS, nzcvFunction } from './nzcvFunction.ts';
export * from './opcodes.ts';
export { printModule } from './printer.ts';
export { probeModule } from './probe.ts';
export { recordDriverModule } from './recordDriver.ts';
