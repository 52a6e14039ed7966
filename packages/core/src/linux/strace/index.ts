export { type CallText, callTextOf } from './callText.ts';
export { createStrace } from './strace.ts';
