import { expect, it } from 'vitest';
import { Environment } from './environment.ts';

// Orders as a guest under qemu-aarch64 7.2 finds them.
it('puts the variable set last first', () => {
  const environment = new Environment(['A=1', 'B=2', 'C=3']);
  environment.set('D=4');
  environment.set('B=9');
  environment.unset('C');
  expect(environment.assignments).toEqual(['B=9', 'D=4', 'A=1']);
});

it('leaves out what is no assignment and keeps the last of equal names', () => {
  expect(new Environment(['A=1', 'NOEQ', 'A=2', 'AB=x', 'B=3=3']).assignments).toEqual(['B=3=3', 'AB=x', 'A=2']);
});

it('says what is no variable', () => {
  const environment = new Environment([]);
  expect(environment.set('D')).toBe(false);
  expect(environment.unset('D=2')).toBe(false);
});
