import { UserError } from '../base/index.ts';

/** An option of a plugin, for its help and for the check of what is given. */
export interface PluginOption {
  readonly name: string;
  /** What the help calls the value. */
  readonly value?: string;
  readonly help: string;
}

/** `NAME[,arg=value...]` as on QEMU's command line; `file=NAME` is the same. A word without `=` means `word=on`. */
export function parsePluginSpec(text: string): { readonly name: string; readonly args: readonly (readonly [string, string])[] } {
  const [first = '', ...rest] = text.split(',');
  const name = first.startsWith('file=') ? first.slice(5) : first;
  if (name === '') throw new UserError(`'${text}' names no plugin: NAME or FILE.js, then its arguments behind commas`);
  const args = rest.map((word): readonly [string, string] => {
    const equals = word.indexOf('=');
    return equals < 0 ? [word, 'on'] : [word.slice(0, equals), word.slice(equals + 1)];
  });
  return { name, args };
}

/** What the user gave a plugin. Every method throws a UserError that names plugin and argument where the value is no good. */
export class PluginArguments {
  /** @throws UserError if an argument is none of `options` */
  constructor(
    private readonly plugin: string,
    private readonly given: readonly (readonly [name: string, value: string])[],
    options: readonly PluginOption[],
  ) {
    for (const [name] of given) {
      if (options.some((option) => option.name === name)) continue;
      const known = options.length === 0 ? 'it takes none' : `there are ${options.map((option) => option.name).join(', ')}`;
      throw new UserError(`plugin ${plugin} has no argument '${name}': ${known}`);
    }
  }

  /** All values given for an argument that may be repeated, in order. */
  all(name: string): readonly string[] {
    return this.given.filter(([each]) => each === name).map(([, value]) => value);
  }

  /** The last value given. */
  text(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  /** QEMU's booleans: on, yes, true; off, no, false. */
  flag(name: string, otherwise = false): boolean {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    if (['on', 'yes', 'true'].includes(value)) return true;
    if (['off', 'no', 'false'].includes(value)) return false;
    return this.fail(name, value, 'on or off');
  }

  /** A number from 0 to 2^53 - 1, decimal or with 0x. */
  number(name: string): number | undefined;
  number(name: string, otherwise: number): number;
  number(name: string, otherwise?: number): number | undefined {
    const value = this.text(name);
    return value === undefined ? otherwise : this.parse(name, value);
  }

  /** All numbers given. */
  numbers(name: string): readonly number[] {
    return this.all(name).map((value) => this.parse(name, value));
  }

  /** One of some words. */
  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    return choices.find((choice) => choice === value) ?? this.fail(name, value, choices.join(', '));
  }

  private parse(name: string, value: string): number {
    const number = /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : Number.NaN;
    return Number.isSafeInteger(number) ? number : this.fail(name, value, 'a number');
  }

  private fail(name: string, value: string, wanted: string): never {
    throw new UserError(`plugin ${this.plugin}: ${name}=${value}: give ${wanted}`);
  }
}
