import { UserError } from '@everystep/core';

/** What expressions speak of: a moment of a run. */
export interface ExpressionContext {
  /** A register's 64 bits by its name, as `x0`; undefined if there is none of that name. */
  register(name: string): (() => bigint) | undefined;
  /** Where a symbol is; undefined if there is none. */
  symbol(name: string): bigint | undefined;
  /** Memory, little-endian, 1 to 8 bytes; undefined if some is not mapped. */
  load(address: bigint, bytes: number): bigint | undefined;
  /** A string that ends with a NUL byte; undefined if it cannot be read. */
  string(address: bigint, most: number): string | undefined;
}

/** A value of an expression: 64 bits, unsigned, or a text. */
export type ExpressionValue = bigint | string;

/** An expression that has been read: `evaluate` gives its value at the present moment. */
export interface Expression {
  readonly source: string;
  /** @throws UnreadableMemory */
  evaluate(): ExpressionValue;
}

/** An expression asks for memory that is not mapped at that moment. */
export class UnreadableMemory extends Error {}

type Evaluate = () => ExpressionValue;

interface Token {
  readonly kind: 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F_]+|[0-9][0-9_]*)|'([^'\\])'|([A-Za-z_.$@][\w.$@]*)|(>>>|<<|>>|(?:<=|>=|<|>)u(?!\w)|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>()[\],]))/y;

const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const truth = (value: boolean): bigint => (value ? 1n : 0n);
const STRING_BYTES = 256n;
const MOST_STRING_BYTES = 65536n;

/** By precedence, the loosest first, as in C. && and || are apart, as they need not look at both sides. */
const BINARY: readonly Readonly<Record<string, (a: bigint, b: bigint) => bigint>>[] = [
  { '|': (a, b) => a | b },
  { '^': (a, b) => a ^ b },
  { '&': (a, b) => a & b },
  { '==': (a, b) => truth(a === b), '!=': (a, b) => truth(a !== b) },
  {
    '<': (a, b) => truth(signed(a) < signed(b)),
    '<=': (a, b) => truth(signed(a) <= signed(b)),
    '>': (a, b) => truth(signed(a) > signed(b)),
    '>=': (a, b) => truth(signed(a) >= signed(b)),
    '<u': (a, b) => truth(a < b),
    '<=u': (a, b) => truth(a <= b),
    '>u': (a, b) => truth(a > b),
    '>=u': (a, b) => truth(a >= b),
  },
  { '<<': (a, b) => a << (b & 63n), '>>': (a, b) => signed(a) >> (b & 63n), '>>>': (a, b) => a >> (b & 63n) },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  // As the processor divides: by 0 gives 0.
  { '*': (a, b) => a * b, '/': (a, b) => (b === 0n ? 0n : signed(a) / signed(b)), '%': (a, b) => (b === 0n ? a : signed(a) % signed(b)) },
];

const LOAD = /^([us])(8|16|32|64)$/;

/**
 * Reads a list of expressions with commas between.
 * @throws UserError that says what is wrong, and in which column
 */
export function parseExpressions(text: string, context: ExpressionContext): readonly Expression[] {
  return new Parser(text, context).list();
}

/** Reads one expression. @throws UserError that says what is wrong, and in which column */
export function parseExpression(text: string, context: ExpressionContext): Expression {
  const [expression, second] = parseExpressions(text, context);
  if (second !== undefined) throw new UserError(`'${text}': this is more than one expression; && and || join conditions`);
  return expression;
}

/** Whether a condition holds. */
export const isTrue = (value: ExpressionValue): boolean => value !== 0n && value !== '';

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly context: ExpressionContext,
  ) {
    this.tokens = this.split();
  }

  list(): Expression[] {
    const found: Expression[] = [];
    do {
      const start = this.token.at;
      const evaluate = this.or();
      found.push({ source: this.text.slice(start, this.token.at).trim(), evaluate });
    } while (this.takes(','));
    if (this.token.kind !== 'end') throw this.mistake(`'${this.token.text}' does not belong here`);
    return found;
  }

  private or(): Evaluate {
    let left = this.and();
    while (this.takes('||')) {
      const [a, b] = [left, this.and()];
      left = () => truth(isTrue(a()) || isTrue(b()));
    }
    return left;
  }

  private and(): Evaluate {
    let left = this.binary(0);
    while (this.takes('&&')) {
      const [a, b] = [left, this.binary(0)];
      left = () => truth(isTrue(a()) && isTrue(b()));
    }
    return left;
  }

  private binary(level: number): Evaluate {
    if (level === BINARY.length) return this.unary();
    let left = this.binary(level + 1);
    for (;;) {
      const { text, kind } = this.token;
      const apply = kind === 'sign' && Object.hasOwn(BINARY[level], text) ? BINARY[level][text] : undefined;
      if (apply === undefined) return left;
      this.at++;
      left = this.apply(text, apply, left, this.binary(level + 1));
    }
  }

  private apply(sign: string, apply: (a: bigint, b: bigint) => bigint, left: Evaluate, right: Evaluate): Evaluate {
    return () => {
      const a = left();
      const b = right();
      if (typeof a === 'bigint' && typeof b === 'bigint') return BigInt.asUintN(64, apply(a, b));
      if (sign === '==') return truth(a === b);
      if (sign === '!=') return truth(a !== b);
      throw new UserError(`'${this.text}': '${sign}' wants numbers; texts can only be compared by == and !=`);
    };
  }

  private unary(): Evaluate {
    for (const sign of ['-', '~', '!', '+']) {
      if (!this.takes(sign)) continue;
      const operand = this.unary();
      if (sign === '!') return () => truth(!isTrue(operand()));
      const number = this.number(operand, sign);
      if (sign === '-') return () => BigInt.asUintN(64, -number());
      return sign === '~' ? () => BigInt.asUintN(64, ~number()) : number;
    }
    return this.primary();
  }

  private number(evaluate: Evaluate, what: string): () => bigint {
    return () => {
      const value = evaluate();
      if (typeof value === 'bigint') return value;
      throw new UserError(`'${this.text}': ${what} wants a number, not a text`);
    };
  }

  private primary(): Evaluate {
    const { kind, text } = this.token;
    if (this.takes('(')) {
      const inner = this.or();
      this.must(')');
      return inner;
    }
    if (kind === 'number') {
      const value = BigInt(text.startsWith("'") ? text.charCodeAt(1) : text.replaceAll('_', ''));
      if (value >= 1n << 64n) throw this.mistake(`${text} has more than 64 bits`);
      this.at++;
      return () => value;
    }
    if (kind !== 'name') throw this.mistake(kind === 'end' ? 'a value is missing at the end' : `a value is missing before '${text}'`);
    return this.named(text);
  }

  private named(name: string): Evaluate {
    const { context } = this;
    const load = LOAD.exec(name);
    const next = this.tokens[this.at + 1].text;
    if (load !== null && next === '[') return this.load(load[1] === 's', Number(load[2]));
    if (name === 'str' && next === '(') return this.string();
    const register = context.register(name);
    if (register === undefined) {
      const symbol = context.symbol(name);
      if (symbol === undefined) throw this.mistake(`there is no register or symbol '${name}'`);
      this.at++;
      return () => symbol;
    }
    this.at++;
    return register;
  }

  private load(isSigned: boolean, bits: number): Evaluate {
    this.at += 2;
    const address = this.number(this.or(), 'an address');
    this.must(']');
    return () => {
      const value = this.context.load(address(), bits / 8);
      if (value === undefined) throw new UnreadableMemory();
      return isSigned ? BigInt.asUintN(64, BigInt.asIntN(bits, value)) : value;
    };
  }

  private string(): Evaluate {
    this.at += 2;
    const address = this.number(this.or(), 'str()');
    const most = this.takes(',') ? this.number(this.or(), 'str()') : () => STRING_BYTES;
    this.must(')');
    return () => {
      const limit = most();
      const value = this.context.string(address(), Number(limit < MOST_STRING_BYTES ? limit : MOST_STRING_BYTES));
      if (value === undefined) throw new UnreadableMemory();
      return value;
    };
  }

  private get token(): Token {
    return this.tokens[this.at];
  }

  private takes(sign: string): boolean {
    if (this.token.kind !== 'sign' || this.token.text !== sign) return false;
    this.at++;
    return true;
  }

  private must(sign: string): void {
    if (!this.takes(sign)) throw this.mistake(`'${sign}' is missing`);
  }

  private mistake(what: string, at = this.token.at): UserError {
    return new UserError(`'${this.text}': column ${at + 1}: ${what}`);
  }

  private split(): Token[] {
    const { text } = this;
    const tokens: Token[] = [];
    const end = text.trimEnd().length;
    for (let at = 0; at < end; at = TOKEN.lastIndex) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      const start = at + (/^\s*/.exec(text.slice(at)) as RegExpExecArray)[0].length;
      if (match === null) throw this.mistake(`'${text[start]}' is nothing that an expression can have`, start);
      const [, number, letter, name, sign] = match;
      if (number !== undefined || letter !== undefined) tokens.push({ kind: 'number', text: number ?? `'${letter}'`, at: start });
      else if (name !== undefined) tokens.push({ kind: 'name', text: name, at: start });
      else tokens.push({ kind: 'sign', text: sign, at: start });
    }
    return [...tokens, { kind: 'end', text: '', at: end }];
  }
}
