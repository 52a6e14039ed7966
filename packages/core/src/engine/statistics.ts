/** What a machine has done besides running guest code: each count is of all its life. */
export class EngineStatistics {
  /** Blocks made for cold code, and their instructions; those taken from an earlier run apart. */
  coldBlocks = 0;
  coldInsns = 0;
  coldBlocksRestored = 0;
  /** How often all cold code was forgotten for want of room. */
  coldResets = 0;
  /** Regions made, what is in them (a block counts in each region that has it), and the bytes of their modules. */
  regions = 0;
  regionBlocks = 0;
  regionInsns = 0;
  regionModules = 0;
  regionsRestored = 0;
  /** Modules taken from an earlier run with what V8 had made of them. */
  nativeModules = 0;
  wasmBytes = 0;
  /** Regions given up: their code has changed, or they are to be made anew, larger or with what was learnt. */
  regionsForgotten = 0;
  /** How often all regions were given up, because there were too many. */
  regionFlushes = 0;
  /** How often the machine went on to run one instruction a block, for an exact stop, or back from that. */
  modeChanges = 0;
  /** How often the dispatcher had to ask where code is. */
  lookups = 0;
}
