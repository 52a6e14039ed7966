import { type ByteReader, type ByteWriter, upperBound } from '../base/index.ts';
import type { CodeMappings } from '../symbols/index.ts';

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
    return all[upperBound(all, step, (each) => each.step) - 1]?.program;
  }

  /** Paths of all files that any process has had mapped, and that the recorded system had. */
  get paths(): readonly string[] {
    const parts = [...this.byProcess.values()].flat().flatMap(({ program }) => program.parts);
    return [...new Set(parts.filter(({ isFile }) => isFile).map(({ name }) => name))];
  }

  /** Programs of all processes, those of each in the order in which it ran them, from the step on at which it had these parts. */
  get all(): readonly { readonly step: number; readonly program: RecordedProgram }[] {
    return [...this.byProcess.values()].flat();
  }

  /** Takes the operands of Op.files, which come at a step. */
  tell(ops: ByteReader, step: number): void {
    const pid = ops.u32();
    const isOther = ops.byte() === 1;
    const path = ops.utf8();
    const parts = readParts(ops);
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
  /** For a file: u32 number, each: u53 step  the operands of Op.files */
  write(out: ByteWriter): void {
    const { all } = this;
    out.u32(all.length);
    let image: object | undefined;
    for (const { step, program } of all) {
      out.u53(step);
      writeProgram(out, program, program.image !== image);
      ({ image } = program);
    }
  }

  /** What `write` wrote, instead of what there is. */
  read(reader: ByteReader): void {
    this.byProcess.clear();
    for (let left = reader.u32(); left > 0; left--) this.tell(reader, reader.u53());
  }
}

/** A process's files as names of code want them. */
export const codeMappingsOf = (parts: readonly RecordedPart[]): CodeMappings => ({
  at(address) {
    const part = parts.find(({ start, end, isFile }) => isFile && address >= start && address < end);
    return part && { path: part.name, start: part.start, end: part.end, offset: part.offset };
  },
  ranges: () => parts.filter(({ isFile }) => isFile),
});

/** Operands of Op.files. @param isOther it runs another program than it did */
export function writeProgram(out: ByteWriter, { pid, path, parts }: Omit<RecordedProgram, 'image'>, isOther: boolean): void {
  out.u32(pid);
  out.byte(Number(isOther));
  out.utf8(path);
  out.u32(parts.length);
  for (const { start, end, offset, prot, isFile, name } of parts) {
    out.u53(start);
    out.u53(end - start);
    out.u53(offset);
    out.u32(prot);
    out.byte(Number(isFile));
    out.utf8(name);
  }
}

function readParts(ops: ByteReader): readonly RecordedPart[] {
  return Array.from({ length: ops.u32() }, () => {
    const start = ops.u53();
    return { start, end: start + ops.u53(), offset: ops.u53(), prot: ops.u32(), isFile: ops.byte() === 1, name: ops.utf8() };
  });
}
