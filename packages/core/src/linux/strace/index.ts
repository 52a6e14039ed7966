export { createStrace } from './strace.ts';
