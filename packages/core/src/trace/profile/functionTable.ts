import type { CodePlace, ObjectFile, ProgramMap } from '../../symbols/index.ts';
import type { BlockProgram } from '../program.ts';

/** A function that a trace's instructions belong to. */
export interface TracedFunction {
  /** Counts up from 0. */
  readonly id: number;
  readonly name: string;
  /** undefined where the code is of no file that can be read. */
  readonly object: ObjectFile | undefined;
  /** Where it begins: the file's address, or the process's where there is no file; 0 where that is not known. */
  readonly start: number;
  /** See ObjectFunction. */
  readonly isTrampoline: boolean;
  /** See ObjectFunction. */
  readonly leadsToResolver: boolean;
  /** A compiler has put its code into others'. */
  readonly isInlined: boolean;
}

/** An instruction's place: in a file's addresses where there is a file. */
export interface InsnPlace {
  readonly object: ObjectFile | undefined;
  readonly address: number;
}

/** Gives each function of a trace a number. */
export class FunctionTable {
  readonly all: TracedFunction[] = [];
  private readonly ofObjects = new Map<ObjectFile, Map<number, TracedFunction>>();
  private readonly ofNames = new Map<string, TracedFunction>();
  private readonly inlined = new Map<string, TracedFunction>();

  constructor(private readonly programs: ProgramMap) {}

  /** The function that an instruction of a block belongs to, when a process runs it. */
  of(pid: number, program: Pick<BlockProgram, 'shapes'>, pc: number): TracedFunction {
    const place = this.programs.find(pid, pc);
    return place === undefined ? this.named(program, pc) : this.inObject(place);
  }

  place(pid: number, pc: number): InsnPlace {
    return this.programs.find(pid, pc) ?? { object: undefined, address: pc };
  }

  /** The function around an address of a file. */
  inObject({ object, address }: CodePlace): TracedFunction {
    let known = this.ofObjects.get(object);
    if (known === undefined) {
      known = new Map();
      this.ofObjects.set(object, known);
    }
    const found = object.functionAt(address);
    const start = found?.start ?? 0;
    let traced = known.get(start);
    if (traced === undefined) {
      const name = found?.name ?? `[${baseName(object.path)}]`;
      traced = this.add({
        name,
        object,
        start,
        isTrampoline: found?.isTrampoline ?? false,
        leadsToResolver: found?.leadsToResolver ?? false,
        isInlined: false,
      });
      known.set(start, traced);
    }
    return traced;
  }

  /** The functions whose code has been put where an address of a process is, the outermost first. */
  inlinedAt(pid: number, pc: number): readonly TracedFunction[] {
    const place = this.programs.find(pid, pc);
    if (place === undefined) return [];
    const { object } = place;
    return object.inlinedAt(place.address).map((name) => {
      const key = `${object.path}\0${name}`;
      let traced = this.inlined.get(key);
      if (traced === undefined) {
        traced = this.add({ name, object, start: 0, isTrampoline: false, leadsToResolver: false, isInlined: true });
        this.inlined.set(key, traced);
      }
      return traced;
    });
  }

  /** By the name that the trace has. */
  private named(program: Pick<BlockProgram, 'shapes'>, pc: number): TracedFunction {
    const shape = program.shapes.find((each) => each !== undefined && each.pc === pc);
    const name = shape?.symbol ?? '[unknown]';
    let traced = this.ofNames.get(name);
    if (traced === undefined) {
      traced = this.add({
        name,
        object: undefined,
        start: shape?.symbol === undefined ? 0 : pc - shape.symbolOffset,
        isTrampoline: false,
        leadsToResolver: false,
        isInlined: false,
      });
      this.ofNames.set(name, traced);
    }
    return traced;
  }

  private add(facts: Omit<TracedFunction, 'id'>): TracedFunction {
    const traced = { id: this.all.length, ...facts };
    this.all.push(traced);
    return traced;
  }
}

/** A path's last part. */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
