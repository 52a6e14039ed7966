import type { Value } from '../../../ir/index.ts';
import type { Integers, IntegerValue } from './integers.ts';
import type { A64Translator } from './translator.ts';

/** The manual's ExtendReg: register `rm` extended as `option` says (0 UXTB .. 3 UXTX, 4 SXTB .. 7 SXTX), then shifted left. */
export function extendRegister(t: A64Translator, i: Integers, rm: number, option: number, shift: number): IntegerValue {
  const extended = i.size === 32 ? extend32(t, t.w(rm), option) : extend64(t, t.x(rm), option);
  return shift === 0 ? extended : i.shl(extended, i.constant(shift));
}

function extend32(t: A64Translator, value: Value<'i32'>, option: number): Value<'i32'> {
  switch (option) {
    case 0:
      return t.ir.i32_and(value, t.ir.i32_const(0xff));
    case 1:
      return t.ir.i32_and(value, t.ir.i32_const(0xffff));
    case 4:
      return t.ir.i32_extend8_s(value);
    case 5:
      return t.ir.i32_extend16_s(value);
    default:
      return value;
  }
}

/** As extendRegister's `option`, to 64 bits. */
export function extend64(t: A64Translator, value: Value<'i64'>, option: number): Value<'i64'> {
  switch (option) {
    case 0:
      return t.ir.i64_and(value, t.ir.i64_const(0xff));
    case 1:
      return t.ir.i64_and(value, t.ir.i64_const(0xffff));
    case 2:
      return t.low32(value);
    case 4:
      return t.ir.i64_extend8_s(value);
    case 5:
      return t.ir.i64_extend16_s(value);
    case 6:
      return t.ir.i64_extend32_s(value);
    default:
      return value;
  }
}
