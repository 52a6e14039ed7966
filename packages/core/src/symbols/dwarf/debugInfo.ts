import { Attribute, Tag, UnitType } from './constants.ts';
import { type Abbreviation, type AttributeValue, type InfoSections, readAbbreviations, readEntry, type UnitContext } from './debugEntry.ts';
import { DwarfError, DwarfReader } from './dwarfReader.ts';
import { type AddressSpan, rangesOf } from './ranges.ts';

interface Unit extends UnitContext {
  /** Of the unit's own entry. */
  readonly entries: number;
  /** What its code is; empty where it does not say. */
  spans: readonly AddressSpan[];
  base: number;
  /** Read when they are first needed. */
  inlined: readonly InlinedCode[] | undefined;
}

/** Code of a function that stands in another function. */
interface InlinedCode extends AddressSpan {
  /** As in symbol tables, or as the programmer wrote it. */
  readonly name: string;
  /** The more, the further inside. */
  readonly depth: number;
}

/** Most steps from an inlined function to the entry that has its name. */
const MOST_ORIGINS = 8;

/** Which functions' code stands in other functions, and what directories units were compiled in, as `.debug_info` tells (DWARF 2 to 5). */
export class DebugInfo {
  private readonly units: Unit[] = [];
  private readonly directories = new Map<number, string>();
  private readonly abbreviations = new Map<number, Map<number, Abbreviation>>();

  /** Reads the units' own entries. */
  constructor(private readonly sections: InfoSections) {
    const all = new DwarfReader(sections.info);
    tolerant(() => {
      while (!all.atEnd) this.addUnit(all);
    });
  }

  /** The directory of the unit whose line program is at an offset of `.debug_line`; '' where that is not known. */
  directoryOf(lineOffset: number): string {
    return this.directories.get(lineOffset) ?? '';
  }

  /** Names of the functions that the code at an address has been inlined of, the outermost first. */
  inlinedAt(address: number): readonly string[] {
    const unit = this.units.find(({ spans }) => spans.some((span) => contains(span, address)));
    if (unit === undefined) return [];
    unit.inlined ??= this.readInlined(unit);
    const found = unit.inlined.filter((code) => contains(code, address));
    return found.sort((a, b) => a.depth - b.depth).map(({ name }) => name);
  }

  private addUnit(all: DwarfReader): void {
    const offset = all.position;
    const { length, is64 } = all.unitLength();
    const start = all.skip(length);
    const end = start + length;
    const reader = new DwarfReader(this.sections.info, start, end);
    const version = reader.u16();
    if (version < 2 || version > 5) return;
    const type = version >= 5 ? reader.u8() : 0;
    let addressBytes = version >= 5 ? reader.u8() : 0;
    const abbreviationsAt = reader.offset(is64);
    if (version < 5) addressBytes = reader.u8();
    if (type === UnitType.type || type === UnitType.splitType) return;
    if (type === UnitType.skeleton || type === UnitType.splitCompile) reader.skip(8);
    let abbreviations = this.abbreviations.get(abbreviationsAt);
    if (abbreviations === undefined) {
      abbreviations = readAbbreviations(this.sections.abbrev, abbreviationsAt);
      this.abbreviations.set(abbreviationsAt, abbreviations);
    }
    // Where no base is given, indexes count from behind the section's first header.
    const header = is64 ? 16 : 8;
    const unit: Unit = {
      offset,
      end,
      version,
      is64,
      addressBytes,
      abbreviations,
      stringOffsetsBase: header,
      addressBase: header,
      rangeListsBase: 0,
      entries: reader.position,
      spans: [],
      base: 0,
      inlined: undefined,
    };
    const attributes = new Map<number, AttributeValue>();
    if (readEntry(reader, unit, this.sections, attributes) === undefined) return;
    // Once more, now that it is known where indexes begin.
    reader.position = unit.entries;
    readEntry(reader, unit, this.sections, attributes);
    unit.base = attributes.get(Attribute.lowPc)?.number ?? 0;
    unit.spans = rangesOf(attributes, unit, this.sections, unit.base);
    const line = attributes.get(Attribute.stmtList);
    if (line !== undefined) this.directories.set(line.number, attributes.get(Attribute.compDir)?.text ?? '');
    this.units.push(unit);
  }

  private readInlined(unit: Unit): InlinedCode[] {
    const { sections } = this;
    const found: InlinedCode[] = [];
    const reader = new DwarfReader(sections.info, unit.entries, unit.end);
    const attributes = new Map<number, AttributeValue>();
    tolerant(() => {
      for (let depth = 0; !reader.atEnd; ) {
        const entry = readEntry(reader, unit, sections, attributes);
        if (entry === undefined) {
          if (--depth <= 0) return;
          continue;
        }
        if (entry.tag === Tag.inlinedSubroutine) {
          const origin = attributes.get(Attribute.abstractOrigin)?.number ?? -1;
          const spans = rangesOf(attributes, unit, sections, unit.base);
          const name = this.nameAt(origin);
          for (const span of spans) found.push({ ...span, name, depth });
        }
        if (!entry.hasChildren) continue;
        const sibling = attributes.get(Attribute.sibling)?.number;
        // Types and the like have no code: their children need not be read.
        if (!HAVE_CODE.has(entry.tag) && sibling !== undefined && sibling > reader.position && sibling <= unit.end) reader.position = sibling;
        else depth++;
      }
    });
    return found;
  }

  /** The name of the function whose entry is at an offset of `.debug_info`. */
  private nameAt(offset: number): string {
    const attributes = new Map<number, AttributeValue>();
    let at = offset;
    for (let i = 0; i < MOST_ORIGINS; i++) {
      const unit = this.units.find((each) => at >= each.entries && at < each.end);
      if (unit === undefined) break;
      readEntry(new DwarfReader(this.sections.info, at, unit.end), unit, this.sections, attributes);
      const name = attributes.get(Attribute.linkageName)?.text ?? attributes.get(Attribute.name)?.text;
      if (name !== undefined) return name;
      at = (attributes.get(Attribute.abstractOrigin) ?? attributes.get(Attribute.specification))?.number ?? -1;
    }
    return '[inlined]';
  }
}

/** Entries in which inlined functions can be. */
const HAVE_CODE: ReadonlySet<number> = new Set<number>([Tag.compileUnit, Tag.subprogram, Tag.lexicalBlock, Tag.inlinedSubroutine]);

const contains = ({ start, end }: AddressSpan, address: number): boolean => address >= start && address < end;

/** Damaged information is as if it ended there. */
function tolerant(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof DwarfError) && !(error instanceof RangeError)) throw error;
  }
}
