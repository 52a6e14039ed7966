import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A command of the corpus, as the list has it. */
export interface CorpusProgram {
  readonly name: string;
  /** The program's file, relative to the sysroot's usr; `*` and `?` stand for what they stand for in shells. */
  readonly file: string;
  /** The file in the inputs' folder that is standard input; '' if there is none. */
  readonly input: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Only lines of the output that match it count. */
  readonly filter: RegExp | undefined;
}

/** What stands for something else in arguments. */
export interface Places {
  /** `$S` */
  readonly sysroot: string;
  /** `$C` */
  readonly corpus: string;
  /** `$O`: a file that the program writes, which counts as output. */
  readonly output: string;
}

const ARCHITECTURE = 'arm64';

/**
 * Reads a list of commands: a line each, `name | file | standard input | arguments` between bars without spaces. Arguments
 * are separated by spaces; those at the front that begin with @ are assignments to environment variables, or
 * `@FILTER=REGEX`. Lines that begin with # are comments.
 */
export function readList(text: string, { sysroot, corpus, output }: Places): CorpusProgram[] {
  const expand = (arg: string): string => arg.replaceAll('$S', sysroot).replaceAll('$C', corpus).replaceAll('$O', output).replaceAll('$A', ARCHITECTURE);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [name = '', file = '', input = '', ...rest] = line.split('|');
    const args = rest
      .join('|')
      .split(/\s+/)
      .filter((arg) => arg !== '')
      .map(expand);
    const settings = args.slice(0, args.findIndex((arg) => !arg.startsWith('@')) >>> 0).map((arg) => /^@(\w+)=(.*)$/.exec(arg)?.slice(1) ?? [arg, '']);
    const filter = settings.find(([key]) => key === 'FILTER')?.[1];
    return {
      name,
      file,
      input,
      args: args.slice(settings.length),
      environment: Object.fromEntries(settings.filter(([key]) => key !== 'FILTER')) as Record<string, string>,
      filter: filter === undefined ? undefined : new RegExp(filter),
    };
  });
}

/** The first file below `folder` that a pattern names; undefined if there is none. */
export function findFile(folder: string, pattern: string): string | undefined {
  let found = [folder];
  for (const part of pattern.split('/')) {
    if (!/[*?]/.test(part)) {
      found = found.map((each) => join(each, part)).filter((each) => existsSync(each));
      continue;
    }
    const escaped = part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
    const matches = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
    found = found.flatMap((each) =>
      namesIn(each)
        .filter((name) => matches.test(name))
        .map((name) => join(each, name)),
    );
  }
  return found[0];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
