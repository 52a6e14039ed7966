/** What is measured together. */
export type SetName = 'cpu' | 'debian';

/** A program that is measured, with all that it needs. */
export interface Subject {
  readonly set: SetName;
  readonly name: string;
  /** What it is an example of. */
  readonly kind: string;
  /** Options of both emulators, the program and its arguments. */
  readonly guest: readonly string[];
  /** The host's build of the program with its arguments, if there is one. */
  readonly native: readonly string[] | undefined;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A file that it writes, which counts as output. */
  readonly output?: string;
}

/** Names a subject among all sets. */
export const subjectKey = ({ set, name }: Pick<Subject, 'set' | 'name'>): string => `${set}/${name}`;
