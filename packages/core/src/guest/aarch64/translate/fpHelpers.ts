/** Building blocks of floating-point translators, scalar and vector: NaN rules, fused multiply-add, exact reference arithmetic. */
export * from './fpFused.ts';
export * from './fpNan.ts';
export * from './fpSoftFloat.ts';
