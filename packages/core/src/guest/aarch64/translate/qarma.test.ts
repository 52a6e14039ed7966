import { expect, test } from 'vitest';
import { Evaluator } from '../../../ir/index.ts';
import { layout } from '../state.ts';
import { computePac } from './qarma.ts';

const evaluator = new Evaluator({
  layout,
  state: new DataView(new ArrayBuffer(layout.size)),
  stateOffset: 0,
  input: () => 0n,
  memory: { load: (address) => ({ faultAddress: address }), store: (address) => ({ faultAddress: address }) },
});

// The paper's vector for sigma 2 and five rounds: plain text, tweak, k0 (the low half here), w0 (the high half).
test('computePac is QARMA5', () => {
  const code = evaluator.callHelper(computePac, [0xfb623599da6e8127n, 0x477d469dec0b8762n, 0xec2802d4e0a488e9n, 0x84be85ce9804e94bn]);
  expect(code).toBe(0xc003b93999b33765n);
});
