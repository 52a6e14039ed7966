/**
 * A QEMU-style option. The table of a command's options is the single source of its parser, its help and its page in
 * the documentation.
 */
export type OptionRow<Settings> = OptionText & (SupportedOption<Settings> | UnsupportedOption);

interface OptionText {
  /** Without the dash; the first is the usual one. One dash and two mean the same. */
  readonly names: readonly string[];
  /** What the help calls the argument; without, the option takes none. */
  readonly argument?: string;
  /** The argument may also follow the name behind a `=`. */
  readonly equals?: boolean;
  /** The environment variable that does the same; the command line comes later and so wins. */
  readonly variable?: string;
  readonly group: string;
  readonly help: string;
}

interface SupportedOption<Settings> {
  readonly state: 'done';
  /** Text that the command prints on standard output instead of running, if the value asks for that. */
  print?(value: string): string | undefined;
  /**
   * Enters the option in the settings.
   * @param value '' for an option without argument
   * @throws UserError if the value is no good; the parser puts the option's name before it
   */
  apply?(settings: Settings, value: string): void;
}

interface UnsupportedOption {
  readonly state: 'not supported';
  /** What to do, as the end of the sentence "option -x is not supported: …". */
  readonly instead: string;
}

/** How a user writes the option: `-d item[,...]`. */
export function usage<Settings>({ names, argument, equals }: OptionRow<Settings>, name = names[0]): string {
  const dashes = name.length > 1 && equals ? '--' : '-';
  if (argument === undefined) return `${dashes}${name}`;
  return `${dashes}${name}${dashes === '--' ? '=' : ' '}${argument}`;
}
