import { assert } from '../../../base/index.ts';

/** A binary interchange format of IEEE 754 by its widths in bits; its exponent bias is also its largest exponent. */
export interface FloatFormat {
  readonly width: 16 | 32 | 64;
  readonly fraction: number;
  readonly bias: number;
}
export const HALF: FloatFormat = { width: 16, fraction: 10, bias: 15 };
export const SINGLE: FloatFormat = { width: 32, fraction: 23, bias: 127 };
export const DOUBLE: FloatFormat = { width: 64, fraction: 52, bias: 1023 };
/** FEAT_BF16's: the upper half of a single. */
export const BFLOAT16: FloatFormat = { width: 16, fraction: 7, bias: 127 };

/** Bits of FPCR (Arm ARM C5.2.8). */
export const Fpcr = { FZ16: 1 << 19, RModeShift: 22, FZ: 1 << 24, DN: 1 << 25, AHP: 1 << 26 } as const;
/** Cumulative exception bits of FPSR (Arm ARM C5.2.9): invalid, division by zero, overflow, underflow, inexact, input denormal. */
export const Fpsr = { IOC: 1, DZC: 2, OFC: 4, UFC: 8, IXC: 16, IDC: 128 } as const;

/** How to round: 0 to 3 are the values of FPCR.RMode; `odd` overflows to the largest number, `oddToInfinity` to infinity. */
export const Rounding = { nearestEven: 0, up: 1, down: 2, zero: 3, nearestAway: 4, odd: 5, oddToInfinity: 6 } as const;
export type Rounding = (typeof Rounding)[keyof typeof Rounding];

/** A number taken apart: (-1)^sign * significand * 2^exponent where it is finite. */
interface Unpacked {
  readonly kind: 'finite' | 'infinity' | 'quiet' | 'signalling';
  readonly sign: 0 | 1;
  /** 0 for zeros; for NaNs the fraction with its quiet bit. */
  readonly significand: bigint;
  readonly exponent: number;
}

/** Number of bits of a non-negative bigint. */
function bitLength(n: bigint): number {
  if (n === 0n) return 0;
  const hex = n.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28;
}

/** The largest integer whose square is at most n. */
function integerSqrt(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

/**
 * Arm's floating-point arithmetic on bit patterns, exact in every rounding mode: the shared pseudocode of Arm ARM J1.3
 * (FPAdd, FPMulAdd, FPRound, …) over big integers. Slow: for cases that Wasm's own arithmetic cannot do, and to judge it.
 *
 * One object computes one instruction: it reads FPCR at its start and gathers FPSR's cumulative bits in `flags`.
 */
export class SoftFloat {
  /** Fpsr bits that the operations so far have raised. */
  flags = 0;

  /** @param mode where it is not FPCR.RMode's */
  constructor(
    readonly fpcr: number,
    readonly mode: Rounding = ((fpcr >> Fpcr.RModeShift) & 3) as Rounding,
  ) {}

  add(format: FloatFormat, a: bigint, b: bigint): bigint {
    return this.sum(format, a, b, this.unpack(format, a), this.unpack(format, b));
  }

  sub(format: FloatFormat, a: bigint, b: bigint): bigint {
    const y = this.unpack(format, b);
    return this.sum(format, a, b, this.unpack(format, a), y.kind === 'finite' || y.kind === 'infinity' ? { ...y, sign: y.sign === 0 ? 1 : 0 } : y);
  }

  private sum(format: FloatFormat, a: bigint, b: bigint, x: Unpacked, y: Unpacked): bigint {
    const nan = this.nanOf(format, [a, b], [x, y]);
    if (nan !== undefined) return nan;
    if (x.kind === 'infinity' || y.kind === 'infinity') {
      if (x.kind === y.kind && x.sign !== y.sign) return this.invalid(format);
      return infinity(format, x.kind === 'infinity' ? x.sign : y.sign);
    }
    return this.exactSum(format, x, y);
  }

  /** Rounds the sum of two finite numbers, with the zeros' signs as the rounding mode has them. */
  private exactSum(format: FloatFormat, x: Unpacked, y: Unpacked): bigint {
    const exponent = Math.min(x.exponent, y.exponent);
    const align = (u: Unpacked): bigint => (u.sign ? -u.significand : u.significand) << BigInt(u.exponent - exponent);
    const total = align(x) + align(y);
    if (total === 0n) return zero(format, x.sign === y.sign ? x.sign : this.mode === Rounding.down ? 1 : 0);
    return this.round(format, total < 0n ? 1 : 0, total < 0n ? -total : total, exponent);
  }

  mul(format: FloatFormat, a: bigint, b: bigint): bigint {
    const [x, y] = [this.unpack(format, a), this.unpack(format, b)];
    const nan = this.nanOf(format, [a, b], [x, y]);
    if (nan !== undefined) return nan;
    const sign = x.sign === y.sign ? 0 : 1;
    if (x.kind === 'infinity' || y.kind === 'infinity') return isZero(x) || isZero(y) ? this.invalid(format) : infinity(format, sign);
    return this.round(format, sign, x.significand * y.significand, x.exponent + y.exponent);
  }

  div(format: FloatFormat, a: bigint, b: bigint): bigint {
    const [x, y] = [this.unpack(format, a), this.unpack(format, b)];
    const nan = this.nanOf(format, [a, b], [x, y]);
    if (nan !== undefined) return nan;
    const sign = x.sign === y.sign ? 0 : 1;
    if ((x.kind === 'infinity' && y.kind === 'infinity') || (isZero(x) && isZero(y))) return this.invalid(format);
    if (x.kind === 'infinity') return infinity(format, sign);
    if (y.kind === 'infinity' || isZero(x)) return zero(format, sign);
    if (isZero(y)) {
      this.flags |= Fpsr.DZC;
      return infinity(format, sign);
    }
    const shift = 130;
    const numerator = x.significand << BigInt(shift);
    const quotient = numerator / y.significand;
    // a sticky bit below the quotient stands for the remainder
    return this.round(format, sign, (quotient << 1n) | (numerator % y.significand === 0n ? 0n : 1n), x.exponent - y.exponent - shift - 1);
  }

  sqrt(format: FloatFormat, a: bigint): bigint {
    const x = this.unpack(format, a);
    const nan = this.nanOf(format, [a], [x]);
    if (nan !== undefined) return nan;
    if (isZero(x)) return zero(format, x.sign);
    if (x.sign === 1) return this.invalid(format);
    if (x.kind === 'infinity') return infinity(format, 0);
    const shift = 130 + ((x.exponent - 130) & 1);
    const scaled = x.significand << BigInt(shift);
    const root = integerSqrt(scaled);
    return this.round(format, 0, (root << 1n) | (root * root === scaled ? 0n : 1n), (x.exponent - shift) / 2 - 1);
  }

  /** addend + a * b, rounded once. The caller has negated the operands that the instruction negates. */
  fma(format: FloatFormat, addend: bigint, a: bigint, b: bigint): bigint {
    const [z, x, y] = [this.unpack(format, addend), this.unpack(format, a), this.unpack(format, b)];
    const infinityTimesZero = (x.kind === 'infinity' && isZero(y)) || (y.kind === 'infinity' && isZero(x));
    if (z.kind === 'quiet' && infinityTimesZero) return this.invalid(format);
    const nan = this.nanOf(format, [addend, a, b], [z, x, y]);
    if (nan !== undefined) return nan;
    if (infinityTimesZero) return this.invalid(format);
    const sign = x.sign === y.sign ? 0 : 1;
    const productInfinite = x.kind === 'infinity' || y.kind === 'infinity';
    if (productInfinite && z.kind === 'infinity' && sign !== z.sign) return this.invalid(format);
    if (productInfinite) return infinity(format, sign);
    if (z.kind === 'infinity') return infinity(format, z.sign);
    return this.exactSum(format, { kind: 'finite', sign, significand: x.significand * y.significand, exponent: x.exponent + y.exponent }, z);
  }

  /** FMAX, FMIN: -0 is below +0, a NaN operand wins. */
  minMax(format: FloatFormat, a: bigint, b: bigint, max: boolean): bigint {
    const [x, y] = [this.unpack(format, a), this.unpack(format, b)];
    const nan = this.nanOf(format, [a, b], [x, y]);
    if (nan !== undefined) return nan;
    const order = compareNumbers(x, y) || y.sign - x.sign;
    const first = max ? order >= 0 : order <= 0;
    // repacked, since flushing may have made a zero of it
    return this.repack(format, first ? x : y);
  }

  /** FMAXNM, FMINNM: a number is preferred to a quiet NaN. */
  minMaxNumber(format: FloatFormat, a: bigint, b: bigint, max: boolean): bigint {
    const quiet = (bits: bigint): boolean => {
      const { kind } = classify(format, bits);
      return kind === 'quiet';
    };
    const limit = infinity(format, max ? 1 : 0);
    if (quiet(a) && !quiet(b)) return this.minMax(format, limit, b, max);
    if (quiet(b) && !quiet(a)) return this.minMax(format, a, limit, max);
    return this.minMax(format, a, b, max);
  }

  /** FCMP's N Z C V in bits 3..0. @param signalQuiet true for FCMPE: quiet NaNs are invalid too */
  compare(format: FloatFormat, a: bigint, b: bigint, signalQuiet: boolean): number {
    const [x, y] = [this.unpack(format, a), this.unpack(format, b)];
    const isNan = (u: Unpacked): boolean => u.kind === 'quiet' || u.kind === 'signalling';
    if (isNan(x) || isNan(y)) {
      if (signalQuiet || x.kind === 'signalling' || y.kind === 'signalling') this.flags |= Fpsr.IOC;
      return 0b0011;
    }
    const order = compareNumbers(x, y);
    return order === 0 ? 0b0110 : order < 0 ? 0b1000 : 0b0010;
  }

  /** A denormal operand flushed to zero where FPCR says so; other bits as they are. */
  flush(format: FloatFormat, a: bigint): bigint {
    const x = this.unpack(format, a);
    return isZero(x) ? zero(format, x.sign) : a;
  }

  /** FCVT between formats. */
  convert(from: FloatFormat, to: FloatFormat, a: bigint, mode = this.mode): bigint {
    const alternative = (this.fpcr & Fpcr.AHP) !== 0;
    // conversions ignore FZ16, and flush no half-precision number
    const x = from === HALF ? classify(HALF, a, alternative) : this.unpack(from, a);
    const sign = x.sign;
    if (to === HALF && alternative && x.kind !== 'finite') {
      this.flags |= Fpsr.IOC;
      return x.kind === 'infinity' ? zero(to, sign) | 0x7fffn : zero(to, sign);
    }
    if (x.kind === 'infinity') return infinity(to, sign);
    if (x.kind === 'finite') return this.round(to, sign, x.significand, x.exponent, mode, to === HALF, to === HALF && alternative);
    if (x.kind === 'signalling') this.flags |= Fpsr.IOC;
    if ((this.fpcr & Fpcr.DN) !== 0) return defaultNan(to);
    const shift = BigInt(to.fraction - from.fraction);
    const payload = shift >= 0n ? x.significand << shift : x.significand >> -shift;
    return infinity(to, sign) | quietBit(to) | payload;
  }

  /** FRINT*: rounds to an integral number of the same format. @param exact true for FRINTX and FRINT32X: inexact is raised */
  roundToIntegral(format: FloatFormat, a: bigint, mode: Rounding | undefined, exact: boolean): bigint {
    const x = this.unpack(format, a);
    const nan = this.nanOf(format, [a], [x]);
    if (nan !== undefined) return nan;
    if (x.kind === 'infinity') return infinity(format, x.sign);
    const { magnitude, inexact } = roundInteger(x, 0, mode ?? this.mode);
    if (inexact && exact) this.flags |= Fpsr.IXC;
    return magnitude === 0n ? zero(format, x.sign) : this.round(format, x.sign, magnitude, 0);
  }

  /** FRINT32Z, FRINT64X, …: as `roundToIntegral`, and -2^(width-1) where the result is no signed integer of `width` bits. */
  roundToIntegralOf(format: FloatFormat, a: bigint, width: 32 | 64, mode: Rounding | undefined): bigint {
    const x = this.unpack(format, a);
    if (x.kind === 'finite') {
      const { magnitude, inexact } = roundInteger(x, 0, mode ?? this.mode);
      const limit = 1n << BigInt(width - 1);
      if (magnitude < limit || (magnitude === limit && x.sign === 1)) {
        if (inexact) this.flags |= Fpsr.IXC;
        return magnitude === 0n ? zero(format, x.sign) : this.round(format, x.sign, magnitude, 0);
      }
    }
    this.flags |= Fpsr.IOC;
    return this.round(format, 1, 1n, width - 1);
  }

  /**
   * FCVT{N,P,M,Z,A}{S,U}: to an integer of `width` bits, saturating; NaN gives 0.
   * @param fractionBits fraction bits of the fixed-point result
   * @returns the result modulo 2^width, unsigned
   */
  toInteger(format: FloatFormat, a: bigint, width: 16 | 32 | 64, signed: boolean, fractionBits: number, mode: Rounding | undefined): bigint {
    const x = this.unpack(format, a);
    if (x.kind === 'quiet' || x.kind === 'signalling') {
      this.flags |= Fpsr.IOC;
      return 0n;
    }
    const max = signed ? (1n << BigInt(width - 1)) - 1n : (1n << BigInt(width)) - 1n;
    const min = signed ? -1n - max : 0n;
    let value: bigint;
    let inexact = false;
    if (x.kind === 'infinity') value = x.sign ? min - 1n : max + 1n;
    else {
      const rounded = roundInteger(x, fractionBits, mode ?? this.mode);
      value = x.sign ? -rounded.magnitude : rounded.magnitude;
      inexact = rounded.inexact;
    }
    if (value < min || value > max) {
      this.flags |= Fpsr.IOC;
      return BigInt.asUintN(width, value < min ? min : max);
    }
    if (inexact) this.flags |= Fpsr.IXC;
    return BigInt.asUintN(width, value);
  }

  /** FJCVTZS: the integer part modulo 2^32, as ECMAScript's ToInt32. @returns bit 32: not exact; bits 31..0: the result */
  toInt32(a: bigint): bigint {
    const x = this.unpack(DOUBLE, a);
    if (x.kind !== 'finite') {
      this.flags |= Fpsr.IOC;
      return 1n << 32n;
    }
    const { magnitude, inexact } = roundInteger(x, 0, Rounding.zero);
    const value = x.sign ? -magnitude : magnitude;
    const inRange = BigInt.asIntN(32, value) === value;
    if (!inRange) this.flags |= Fpsr.IOC;
    else if (inexact) this.flags |= Fpsr.IXC;
    // -0 is no integer of ECMAScript's
    const exact = inRange && !inexact && !(magnitude === 0n && x.sign === 1);
    return BigInt.asUintN(32, value) | (exact ? 0n : 1n << 32n);
  }

  /** SCVTF, UCVTF. @param value the integer, with its sign */
  fromInteger(format: FloatFormat, value: bigint, fractionBits: number): bigint {
    if (value === 0n) return 0n;
    return this.round(format, value < 0n ? 1 : 0, value < 0n ? -value : value, -fractionBits);
  }

  /** Rounds significand * 2^exponent. @param keepDenormals no flushing to zero @param alternative to Arm's alternative half precision */
  private round(format: FloatFormat, sign: 0 | 1, significand: bigint, exponent: number, mode = this.mode, keepDenormals = false, alternative = false): bigint {
    if (significand === 0n) return zero(format, sign);
    const smallest = 1 - format.bias;
    const leading = bitLength(significand) - 1 + exponent;
    const tiny = leading < smallest;
    if (tiny && !keepDenormals && this.flushes(format)) {
      this.flags |= Fpsr.UFC;
      return zero(format, sign);
    }
    const unit = Math.max(leading, smallest) - format.fraction;
    const { magnitude, inexact } = roundInteger({ kind: 'finite', sign, significand, exponent }, -unit, mode);
    // a carry out of the fraction goes into the exponent field by itself, out of the subnormals too
    const field = BigInt(tiny ? 0 : unit + format.fraction - smallest);
    const packed = (field << BigInt(format.fraction)) + magnitude;
    if (alternative && packed > 0x7fffn) {
      this.flags |= Fpsr.IOC;
      return zero(format, sign) | 0x7fffn;
    }
    const limit = infinity(format, 0);
    if (!alternative && packed >= limit) {
      this.flags |= Fpsr.OFC | Fpsr.IXC;
      const exceedsAll = mode === Rounding.nearestEven || mode === Rounding.nearestAway || mode === Rounding.oddToInfinity;
      const toInfinity = exceedsAll || mode === (sign ? Rounding.down : Rounding.up);
      return zero(format, sign) | (toInfinity ? limit : limit - 1n);
    }
    if (inexact) this.flags |= tiny ? Fpsr.UFC | Fpsr.IXC : Fpsr.IXC;
    return zero(format, sign) | packed;
  }

  private flushes(format: FloatFormat): boolean {
    return (this.fpcr & (format === HALF ? Fpcr.FZ16 : Fpcr.FZ)) !== 0;
  }

  /** Takes a number apart, flushing a denormal input where FPCR says so. */
  private unpack(format: FloatFormat, bits: bigint): Unpacked {
    const x = classify(format, bits);
    const denormal = x.kind === 'finite' && x.significand !== 0n && x.significand >> BigInt(format.fraction) === 0n;
    if (!denormal || !this.flushes(format)) return x;
    // the bit is for single and double precision only
    if (format !== HALF) this.flags |= Fpsr.IDC;
    return { ...x, significand: 0n };
  }

  private repack(format: FloatFormat, x: Unpacked): bigint {
    return x.kind === 'infinity' ? infinity(format, x.sign) : this.round(format, x.sign, x.significand, x.exponent);
  }

  private invalid(format: FloatFormat): bigint {
    this.flags |= Fpsr.IOC;
    return defaultNan(format);
  }

  /** FPProcessNaNs: the first signalling NaN, else the first quiet one, quiet; undefined where no operand is a NaN. */
  private nanOf(format: FloatFormat, bits: readonly bigint[], operands: readonly Unpacked[]): bigint | undefined {
    let index = operands.findIndex((u) => u.kind === 'signalling');
    if (index >= 0) this.flags |= Fpsr.IOC;
    else index = operands.findIndex((u) => u.kind === 'quiet');
    if (index < 0) return undefined;
    return (this.fpcr & Fpcr.DN) !== 0 ? defaultNan(format) : bits[index] | quietBit(format);
  }
}

const isZero = (x: Unpacked): boolean => x.kind === 'finite' && x.significand === 0n;
const quietBit = (format: FloatFormat): bigint => 1n << BigInt(format.fraction - 1);
const zero = (format: FloatFormat, sign: 0 | 1): bigint => BigInt(sign) << BigInt(format.width - 1);
const infinity = (format: FloatFormat, sign: 0 | 1): bigint => zero(format, sign) | (BigInt(format.bias * 2 + 1) << BigInt(format.fraction));
const defaultNan = (format: FloatFormat): bigint => infinity(format, 0) | quietBit(format);

function classify(format: FloatFormat, bits: bigint, alternative = false): Unpacked {
  const fractionBits = BigInt(format.fraction);
  const sign = (bits >> BigInt(format.width - 1)) & 1n ? 1 : 0;
  const fraction = bits & ((1n << fractionBits) - 1n);
  const field = Number((bits >> fractionBits) & BigInt(format.bias * 2 + 1));
  if (field === format.bias * 2 + 1 && !alternative) {
    if (fraction === 0n) return { kind: 'infinity', sign, significand: 0n, exponent: 0 };
    return { kind: fraction & quietBit(format) ? 'quiet' : 'signalling', sign, significand: fraction, exponent: 0 };
  }
  const significand = field === 0 ? fraction : fraction | (1n << fractionBits);
  return { kind: 'finite', sign, significand, exponent: Math.max(field, 1) - format.bias - format.fraction };
}

/** Order of two numbers that are no NaNs: negative, 0 or positive; zeros are equal. */
function compareNumbers(x: Unpacked, y: Unpacked): number {
  const value = (u: Unpacked, exponent: number): bigint =>
    (u.sign ? -1n : 1n) * (u.kind === 'infinity' ? 1n << 2200n : u.significand << BigInt(u.exponent - exponent));
  const finite = [x, y].filter((u) => u.kind === 'finite');
  const exponent = Math.min(0, ...finite.map((u) => u.exponent));
  // 2^2200 exceeds every finite significand so aligned, 2^(1024 + 1074)
  const difference = value(x, exponent) - value(y, exponent);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** |x| * 2^fractionBits rounded to an integer by `mode`. */
function roundInteger(x: Unpacked, fractionBits: number, mode: Rounding): { magnitude: bigint; inexact: boolean } {
  assert(x.kind === 'finite', 'only a finite number has an integer part');
  const exponent = x.exponent + fractionBits;
  if (exponent >= 0) return { magnitude: x.significand << BigInt(exponent), inexact: false };
  const shift = BigInt(-exponent);
  const magnitude = x.significand >> shift;
  const rest = x.significand - (magnitude << shift);
  if (rest === 0n) return { magnitude, inexact: false };
  return { magnitude: roundsUp(mode, x.sign, magnitude, rest, 1n << (shift - 1n)) ? magnitude + 1n : magnitude, inexact: true };
}

function roundsUp(mode: Rounding, sign: 0 | 1, magnitude: bigint, rest: bigint, half: bigint): boolean {
  const odd = (magnitude & 1n) === 1n;
  switch (mode) {
    case Rounding.nearestEven:
      return rest > half || (rest === half && odd);
    case Rounding.nearestAway:
      return rest >= half;
    case Rounding.up:
      return sign === 0;
    case Rounding.down:
      return sign === 1;
    case Rounding.zero:
      return false;
    case Rounding.odd:
    case Rounding.oddToInfinity:
      return !odd;
  }
}
