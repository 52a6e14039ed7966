import type { ObjectFile } from '../../symbols/index.ts';
import { CallTree, Profiler, type TracedFunction } from '../profile/index.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { profileFormatter } from './profileFormatter.ts';
import { Message } from './protobuf.ts';
import type { TextOutput } from './textOutput.ts';

/** Field numbers of pprof's proto/profile.proto. */
const Profile = { sampleType: 1, sample: 2, mapping: 3, location: 4, function: 5, stringTable: 6, periodType: 11, period: 12 } as const;
const ValueType = { type: 1, unit: 2 } as const;
const Sample = { locationId: 1, value: 2, label: 3 } as const;
const Label = { key: 1, num: 3 } as const;
const Mapping = { id: 1, start: 2, limit: 3, filename: 5, buildId: 6, hasFunctions: 7, hasFilenames: 8, hasLineNumbers: 9 } as const;
const Location = { id: 1, mappingId: 2, address: 3, line: 4 } as const;
const Line = { functionId: 1, line: 2 } as const;
const Func = { id: 1, name: 2, systemName: 3, filename: 4, startLine: 5 } as const;

/**
 * A profile for `go tool pprof` and what else reads its format (proto/profile.proto): a sample for each stack, its value the
 * instructions of the innermost function. The command line packs it with gzip, as readers expect.
 */
export function createPprofFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const tree: CallTree = new CallTree((pid, pc) => profiler.functions.inlinedAt(pid, pc));
  const profiler = new Profiler(reader, context, tree);
  return profileFormatter(profiler, () => {
    new PprofWriter(out).write(tree, (pid) => profiler.programs.programOf(pid));
    out.flush();
  });
}

class PprofWriter {
  private readonly strings = new Map([['', 0]]);
  private readonly locations = new Map<TracedFunction, number>();
  private readonly mappings = new Map<ObjectFile, number>();

  constructor(private readonly out: TextOutput) {}

  /** @param programOf the path of a process's program */
  write(tree: CallTree, programOf: (pid: number) => string | undefined): void {
    const type = new Message().uint(ValueType.type, this.string('instructions')).uint(ValueType.unit, this.string('count'));
    this.field(Profile.sampleType, type);
    this.field(Profile.periodType, type);
    this.out.bytes(new Message().uint(Profile.period, 1).view());
    // Readers take the first mapping for the program.
    tree.forEach(({ pid, fn: { object } }) => {
      if (object !== undefined && object.path === programOf(pid)) this.mapping(object);
    });
    tree.forEach(({ pid, insns }, path) => {
      const locations = path.map(({ fn }) => this.location(fn)).reverse();
      const label = new Message().uint(Label.key, this.string('pid')).uint(Label.num, pid);
      this.field(Profile.sample, new Message().packed(Sample.locationId, locations).packed(Sample.value, [insns]).message(Sample.label, label));
    });
    for (const text of this.strings.keys()) this.out.bytes(new Message().text(Profile.stringTable, text).view());
  }

  /** Each function has one location: where it begins. */
  private location(fn: TracedFunction): number {
    const known = this.locations.get(fn);
    if (known !== undefined) return known;
    const id = this.locations.size + 1;
    this.locations.set(fn, id);
    const source = fn.isInlined ? undefined : fn.object?.lineAt(fn.start);
    const described = new Message()
      .uint(Func.id, id)
      .uint(Func.name, this.string(fn.name))
      .uint(Func.systemName, this.string((fn.isInlined ? undefined : fn.object?.functionAt(fn.start)?.symbol) ?? fn.name))
      .uint(Func.filename, this.string(source?.path ?? ''))
      .uint(Func.startLine, source?.line ?? 0);
    this.field(Profile.function, described);
    const location = new Message().uint(Location.id, id).uint(Location.address, fn.start);
    if (fn.object !== undefined) location.uint(Location.mappingId, this.mapping(fn.object));
    this.field(Profile.location, location.message(Location.line, new Message().uint(Line.functionId, id).uint(Line.line, source?.line ?? 0)));
    return id;
  }

  private mapping(object: ObjectFile): number {
    const known = this.mappings.get(object);
    if (known !== undefined) return known;
    const id = this.mappings.size + 1;
    this.mappings.set(object, id);
    const { start, end } = object.codeRange;
    this.field(
      Profile.mapping,
      new Message()
        .uint(Mapping.id, id)
        .uint(Mapping.start, start)
        .uint(Mapping.limit, end)
        .uint(Mapping.filename, this.string(object.path))
        .uint(Mapping.buildId, this.string(object.buildId))
        .uint(Mapping.hasFunctions, 1)
        .uint(Mapping.hasFilenames, 1)
        .uint(Mapping.hasLineNumbers, 1),
    );
    return id;
  }

  private string(text: string): number {
    const known = this.strings.get(text);
    if (known !== undefined) return known;
    this.strings.set(text, this.strings.size);
    return this.strings.size - 1;
  }

  private field(number: number, message: Message): void {
    this.out.bytes(new Message().message(number, message).view());
  }
}
