export { CallCosts, type CallEdge } from './callCosts.ts';
export { CallTree } from './callTree.ts';
export { baseName, FunctionTable, type InsnPlace, type TracedFunction } from './functionTable.ts';
export { type InsnCost, insnCosts } from './insnCosts.ts';
export { type CoveredFile, LineCoverage } from './lineCoverage.ts';
export { type Cost, type ProfileContext, type ProfiledThread, type ProfileListener, Profiler } from './profiler.ts';
export { type FollowedBlock, ThreadCalls } from './threadCalls.ts';
export { Timeline, type TimelineSink } from './timeline.ts';
