import { type CodePlace, ProgramMap, type SourceLine, type SymbolHost } from '../symbols/index.ts';
import { CodeMappings } from '../trace/codeMappings.ts';
import { FunctionTable, type TracedFunction } from '../trace/profile/index.ts';
import { REMAPPING_CALLS } from '../trace/tracedProcess.ts';
import type { RunThread } from './run/pluginRun.ts';

/** Where an instruction comes from. */
export interface InsnOrigin {
  /** The file that has it; undefined where it is of none that can be read. */
  readonly place: CodePlace | undefined;
  readonly function: TracedFunction;
  /** As the symbol table has the function's name. */
  readonly symbol: string | undefined;
  /** Offset from the function's begin. */
  readonly symbolOffset: number;
  readonly source: SourceLine | undefined;
}

/** Knows which files have the code that processes run. */
export class CodePlaces {
  private readonly programs: ProgramMap;
  private readonly functions: FunctionTable;
  private readonly mappings: CodeMappings;
  private isStale = true;

  /** @param running the thread that runs */
  constructor(symbols: SymbolHost, running: () => RunThread) {
    // Plugins work without symbols, too.
    this.programs = new ProgramMap({ ...symbols, warn: () => undefined });
    this.functions = new FunctionTable(this.programs);
    this.mappings = new CodeMappings(
      () => {
        const { tid, process } = running();
        return { pid: process.pid, tid, image: process.image, program: process.programPath, mappings: () => process.codeMappings() };
      },
      (event) => {
        if (event.kind === 'program') this.programs.setProgram(event.pid, event.path);
        else if (event.kind === 'mapping') this.programs.map(event.pid, event);
      },
    );
  }

  /** Another process runs, or a system call has been made. */
  changed(call?: string): void {
    if (call === undefined || REMAPPING_CALLS.has(call)) this.isStale = true;
  }

  /** Takes over what the process that runs has mapped: before instructions of it are looked up for the first time. */
  update(): void {
    if (this.isStale) this.mappings.tell();
    this.isStale = false;
  }

  originOf(pid: number, pc: number): InsnOrigin {
    const place = this.programs.find(pid, pc);
    const fn = this.functions.of(pid, { shapes: [] }, pc);
    const found = place?.object.functionAt(place.address);
    return {
      place,
      function: fn,
      symbol: found?.symbol,
      symbolOffset: found === undefined || place === undefined ? 0 : place.address - found.start,
      source: place?.object.lineAt(place.address),
    };
  }
}
