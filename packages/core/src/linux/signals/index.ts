export * from './actions.ts';
export * from './deliver.ts';
export { returnFromHandler } from './handlerCall.ts';
export { wakeOrphan } from './jobControl.ts';
export * from './numbers.ts';
export { ProcessSignals } from './processSignals.ts';
export { sendToProcess, sendToThread } from './send.ts';
export * from './siginfo.ts';
export { StackFlag, ThreadSignals } from './threadSignals.ts';
