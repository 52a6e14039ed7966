import { baseName, type ProfiledThread, Profiler, Timeline, type TimelineSink } from '../profile/index.ts';
import type { TraceReader } from '../reader.ts';
import type { FormatContext, TraceFormatter } from './format.ts';
import { profileFormatter } from './profileFormatter.ts';
import { Message } from './protobuf.ts';
import type { TextOutput } from './textOutput.ts';

/** Field numbers of Perfetto's protos/perfetto/trace/trace.proto and what it includes. */
const Trace = { packet: 1 } as const;
const Packet = { timestamp: 8, sequenceId: 10, trackEvent: 11, internedData: 12, sequenceFlags: 13, trackDescriptor: 60 } as const;
const Descriptor = { uuid: 1, process: 3, thread: 4, parentUuid: 5 } as const;
const ProcessDescriptor = { pid: 1, name: 6 } as const;
const ThreadDescriptor = { pid: 1, tid: 2, name: 5 } as const;
const TrackEvent = { categoryIds: 3, debugAnnotations: 4, type: 9, nameId: 10, trackUuid: 11 } as const;
const Interned = { categories: 1, eventNames: 2 } as const;
const Entry = { id: 1, name: 2 } as const;
const Annotation = { name: 10, pointerValue: 7 } as const;

/** TrackEvent.Type */
const SLICE_BEGIN = 1;
const SLICE_END = 2;
/** TracePacket.SequenceFlags: interned names begin anew; the packet needs those before it. */
const CLEARED = 1;
const NEEDS_NAMES = 2;
/** Of the only sequence. */
const SEQUENCE = 1;
const CATEGORIES = { function: 1, syscall: 2 } as const;

/**
 * Perfetto's own format (protocol buffers), for ui.perfetto.dev and trace_processor: when each thread was in which function
 * and system call. Times are in nanoseconds: one instruction takes one.
 */
export function createPerfettoFormatter(reader: TraceReader, context: FormatContext, out: TextOutput): TraceFormatter {
  const writer = new PerfettoWriter(out);
  const sink: TimelineSink = {
    thread: (thread) => writer.thread(thread, baseName(profiler.programs.programOf(thread.pid) ?? 'process')),
    begin: (thread, step, { name }) => writer.begin(thread, step, name, 'function', []),
    beginSyscall: (thread, step, name, args) => writer.begin(thread, step, name, 'syscall', args),
    end: (thread, step) => writer.end(thread, step),
  };
  const profiler: Profiler = new Profiler(reader, context, new Timeline(sink, () => reader.step, context.syscalls));
  return profileFormatter(profiler, () => out.flush());
}

class PerfettoWriter {
  private readonly names = new Map<string, number>();
  private readonly processes = new Set<number>();
  private isFirst = true;

  constructor(private readonly out: TextOutput) {}

  thread({ index, pid, tid }: ProfiledThread, program: string): void {
    if (!this.processes.has(pid)) {
      this.processes.add(pid);
      const process = new Message().uint(ProcessDescriptor.pid, pid).text(ProcessDescriptor.name, program);
      this.packet(
        new Message().message(Packet.trackDescriptor, new Message().uint(Descriptor.uuid, processUuid(pid)).message(Descriptor.process, process)),
        undefined,
      );
    }
    const thread = new Message()
      .uint(ThreadDescriptor.pid, pid)
      .uint(ThreadDescriptor.tid, tid)
      .text(ThreadDescriptor.name, tid === pid ? program : `thread ${tid}`);
    const track = new Message().uint(Descriptor.uuid, threadUuid(index)).uint(Descriptor.parentUuid, processUuid(pid)).message(Descriptor.thread, thread);
    this.packet(new Message().message(Packet.trackDescriptor, track), undefined);
  }

  begin({ index }: ProfiledThread, step: number, name: string, category: keyof typeof CATEGORIES, args: readonly bigint[]): void {
    let id = this.names.get(name);
    const packet = new Message().uint(Packet.timestamp, step);
    if (id === undefined) {
      id = this.names.size + 1;
      const interned = new Message().message(Interned.eventNames, new Message().uint(Entry.id, id).text(Entry.name, name));
      if (this.names.size === 0) {
        for (const [text, number] of Object.entries(CATEGORIES)) {
          interned.message(Interned.categories, new Message().uint(Entry.id, number).text(Entry.name, text));
        }
      }
      this.names.set(name, id);
      packet.message(Packet.internedData, interned);
    }
    const event = new Message()
      .uint(TrackEvent.type, SLICE_BEGIN)
      .uint(TrackEvent.trackUuid, threadUuid(index))
      .uint(TrackEvent.nameId, id)
      .uint(TrackEvent.categoryIds, CATEGORIES[category]);
    args.forEach((arg, i) => {
      event.message(TrackEvent.debugAnnotations, new Message().text(Annotation.name, `arg${i}`).wide(Annotation.pointerValue, arg));
    });
    this.packet(packet.message(Packet.trackEvent, event), NEEDS_NAMES);
  }

  end({ index }: ProfiledThread, step: number): void {
    const event = new Message().uint(TrackEvent.type, SLICE_END).uint(TrackEvent.trackUuid, threadUuid(index));
    this.packet(new Message().uint(Packet.timestamp, step).message(Packet.trackEvent, event), NEEDS_NAMES);
  }

  private packet(packet: Message, flags: number | undefined): void {
    packet.uint(Packet.sequenceId, SEQUENCE);
    const all = (flags ?? 0) | (this.isFirst ? CLEARED : 0);
    if (all !== 0) packet.uint(Packet.sequenceFlags, all);
    this.isFirst = false;
    this.out.bytes(new Message().message(Trace.packet, packet).view());
  }
}

/** Tracks have numbers of their own, other than 0. */
const processUuid = (pid: number): number => pid * 2 + 1;
const threadUuid = (index: number): number => (index + 1) * 2;
