import { parseArgs } from 'node:util';
import { CPU_MODEL_NAMES } from '../../packages/core/src/guest/aarch64/cpuModels.ts';
import { lockstep } from './lockstep.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cpu: { type: 'string', default: 'cortex-a57' },
    seed: { type: 'string', default: '1' },
    'no-opt': { type: 'string', default: '' },
    singlestep: { type: 'boolean', default: false },
    nochain: { type: 'boolean', default: false },
    'qemu-output': { type: 'string', default: '/dev/null' },
  },
});
const [program, ...args] = positionals;
if (program === undefined)
  throw new Error('usage: node scripts/lockstep.mjs [--cpu MODEL] [--seed N] [--no-opt NAMES] [--singlestep] [--nochain] PROGRAM [ARGUMENT]...');
const cpu = CPU_MODEL_NAMES.find((name) => name === values.cpu);
if (cpu === undefined) throw new Error(`--cpu ${values.cpu}: ${CPU_MODEL_NAMES.join(', ')}`);
const result = await lockstep(program, args, {
  cpu,
  seed: values.seed,
  machine: {
    oneInsnPerBlock: values.singlestep,
    noChain: values.nochain,
    disabled: new Set(values['no-opt'].split(',').filter((name) => name !== '')),
  },
  qemuOutput: values['qemu-output'],
});
if (process.send !== undefined) process.send(result);
else process.stderr.write(`${result.difference ?? `no difference in ${result.insns} instructions`}\n`);
process.exitCode = result.difference === undefined ? 0 : 1;
