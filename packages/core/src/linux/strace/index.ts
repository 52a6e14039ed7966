export { createStrace, faultLine } from './strace.ts';
