import type { ByteReader } from '../base/index.ts';

/** Part of a file that a process has mapped. */
export interface RecordedPart {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  /** In the file, of `start`. */
  readonly offset: number;
  readonly prot: number;
  /** The recorded system had such a file. */
  readonly isFile: boolean;
  readonly name: string;
}

/** What a process has in memory of files. */
export interface RecordedProgram {
  readonly pid: number;
  /** Another object after each exec. */
  readonly image: object;
  /** The program's file. */
  readonly path: string;
  /** In ascending order. */
  readonly parts: readonly RecordedPart[];
}

/** Programs of processes from the run's start on, as far as it has been gone through. */
export class FileHistory {
  private readonly byProcess = new Map<number, { readonly step: number; readonly program: RecordedProgram }[]>();

  /** What a process has at a step; undefined: there has been no such process. */
  at(pid: number, step: number): RecordedProgram | undefined {
    const all = this.byProcess.get(pid) ?? [];
    for (let i = all.length - 1; i >= 0; i--) if (all[i].step <= step) return all[i].program;
    return undefined;
  }

  /** Paths of all files that any process has had mapped, and that the recorded system had. */
  get paths(): readonly string[] {
    const parts = [...this.byProcess.values()].flat().flatMap(({ program }) => program.parts);
    return [...new Set(parts.filter(({ isFile }) => isFile).map(({ name }) => name))];
  }

  /** Operands of Op.files. */
  read(ops: ByteReader, step: number): void {
    const pid = ops.u32();
    const isOther = ops.byte() === 1;
    const path = ops.utf8();
    const parts = Array.from({ length: ops.u32() }, (): RecordedPart => {
      const start = ops.u53();
      return { start, end: start + ops.u53(), offset: ops.u53(), prot: ops.u32(), isFile: ops.byte() === 1, name: ops.utf8() };
    });
    const all = this.byProcess.get(pid) ?? [];
    this.byProcess.set(pid, all);
    const last = all.at(-1);
    // Gone through once more.
    if (last !== undefined && step < last.step) return;
    const isAgain = last?.step === step;
    const image = last === undefined || (isOther && !isAgain) ? {} : last.program.image;
    if (isAgain) all.pop();
    all.push({ step, program: { pid, image, path, parts } });
  }
}
