export { CallCosts, type CallEdge } from './callCosts.ts';
export { CallTree } from './callTree.ts';
export { baseName, type InsnPlace, type TracedFunction } from './functionTable.ts';
export { type InsnCost, insnCosts } from './insnCosts.ts';
export { type Cost, type ProfileContext, type ProfiledThread, type ProfileListener, Profiler } from './profiler.ts';
export { Timeline, type TimelineSink } from './timeline.ts';
