import { expect, test } from 'vitest';
import { compilationsOf } from './compilations.ts';
import { type Explanation, explanationText } from './explanation.ts';
import { classify, mappedSources, type Profile } from './profile.ts';

/** Columns 0 to 9 of the only line are of one file, the others of another. */
const MAP = JSON.stringify({
  version: 3,
  sources: ['packages/core/src/wasm/lower/region.ts', '../packages/core/src/engine/wasmMachine.ts'],
  names: [],
  mappings: 'AAAA,UCAA',
});
const SCRIPT = 'file:///dist/everystep.js';

/** A profile of stacks, innermost function last, one sample each; a function is `name`, `name|url` or `name|url|column`. */
function profileOf(...stacks: readonly (readonly string[])[]): Profile {
  const nodes: { id: number; callFrame: Profile['nodes'][number]['callFrame']; children: number[] }[] = [];
  const add = (text: string): number => {
    const [functionName = '', url = '', column = '-1'] = text.split('|');
    nodes.push({ id: nodes.length + 1, callFrame: { functionName, url, lineNumber: 0, columnNumber: Number(column) }, children: [] });
    return nodes.length;
  };
  const root = add('(root)');
  const samples = stacks.map((stack) => {
    return stack.reduce((parent, frame) => {
      const child = add(frame);
      nodes[parent - 1]?.children.push(child);
      return child;
    }, root);
  });
  return { nodes, samples, startTime: 0, endTime: 1000 * stacks.length, timeDeltas: stacks.map((_, i) => (i === 0 ? 0 : 1000)) };
}

const MACHINE = `${SCRIPT}|17`;
const LOWER = `${SCRIPT}|3`;

test('time belongs to the innermost function that begins something', () => {
  const profile = profileOf(
    ['start|node:vm|1'],
    [`run|${MACHINE}`, 'wasm-function[9]|wasm://wasm/dispatcher-0011aa22'],
    [`run|${MACHINE}`, 'wasm-function[9]|wasm://wasm/dispatcher-0011aa22', 'wasm-function[0]|wasm://wasm/0011aa23'],
    [`run|${MACHINE}`, 'wasm-function[9]|wasm://wasm/dispatcher-0011aa22', 'wasm-function[325]|wasm://wasm/cold-0011aa24'],
    [`run|${MACHINE}`, 'wasm-function[325]|wasm://wasm/cold-0011aa24', 'wasm-function[0]|wasm://wasm/0011aa25'],
    [`lookup|${MACHINE}`, `lowerRegion|${LOWER}`, 'push|node:internal|3'],
    [`lookup|${MACHINE}`, `lowerRegion|${LOWER}`, '(garbage collector)'],
    [`lookup|${MACHINE}`, 'Module'],
    [`syscall|${MACHINE}`, 'writeString'],
    ['(idle)'],
  );
  const sourceOf = mappedSources((url) => (url === SCRIPT ? MAP : undefined));
  expect(Object.fromEntries(classify(profile, sourceOf))).toEqual({
    'starting and ending': 0.001,
    dispatching: 0.001,
    'running hot code': 0.001,
    'running cold code': 0.002,
    'translating: lowering': 0.001,
    'collecting garbage': 0.001,
    'V8: modules, baseline': 0.001,
    'system calls': 0.001,
  });
});

test('a sample stands for no more than the time in which the thread had the CPU', () => {
  const profile = { ...profileOf(['(program)'], ['(program)']), timeDeltas: [0, 9000], endTime: 10_000 };
  expect(classify(profile, () => '').get('V8 otherwise')).toBeCloseTo(0.0025);
});

test("V8's compilations are read between the program's lines", () => {
  const text = `Compiled function 0x1a#14 using Liftoff, took 0 ms and 16056 bytes; bodysize 18 codesize 184
Compiled function 0x1b#328 using Liftoff, took 1 ms and 20624 bytes; bodysize 396 codesize 1480
3 primesCompiled function 0x1c#13 using Liftoff, took 1 ms and 16056 bytes; bodysize 42 codesize 196
Compiled WasmToJS wrapper wasm-to-js-5-iiii-i, took 5 ms; codesize 172
Compiled function 0x1c#13 using TurboFan, took 51 ms and 1982088 / 3312176 max/total bytes; bodysize 42 codesize 80 name wasm-function#13
`;
  expect(compilationsOf(text)).toEqual({
    baseline: { functions: 3, seconds: 0.002, wasmBytes: 42, codeBytes: 196, ownCodeBytes: 1664 },
    optimised: { functions: 1, seconds: 0.051, wasmBytes: 42, codeBytes: 80, ownCodeBytes: 0 },
  });
});

test('the report has shares of all threads', () => {
  const usage = (user: number) => ({ user, system: 0, elapsed: user, peak: 0 });
  const explanation: Explanation = {
    ...{ name: 'sum', kind: 'integer', everystep: usage(1), profiled: usage(2), qemu: usage(3) },
    main: new Map([['running hot code', 1.5]]),
    compilations: compilationsOf('Compiled function 0x1a#0 using TurboFan, took 300 ms and 1 / 2 max/total bytes; bodysize 40 codesize 80 name x'),
    counts: 'everystep: regions: 1 (0 from an earlier run) of 2 blocks and 4 instructions, 0 given up',
  };
  const text = explanationText(explanation);
  expect(text).toMatch(/running hot code +1\.500 +75\.0 %/);
  expect(text).toMatch(/V8: optimising Wasm +0\.300 +15\.0 %/);
  expect(text).toContain('2.00 bytes a byte of Wasm, optimised');
  expect(() => explanationText({ ...explanation, counts: '' })).toThrow('does not count');
});
