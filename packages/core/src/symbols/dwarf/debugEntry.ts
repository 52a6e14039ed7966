import { Attribute, Form } from './constants.ts';
import { DwarfError, DwarfReader, stringAt } from './dwarfReader.ts';

/** Sections of debugging information. */
export interface InfoSections {
  readonly info: Uint8Array;
  readonly abbrev: Uint8Array;
  readonly strings: Uint8Array | undefined;
  readonly lineStrings: Uint8Array | undefined;
  readonly stringOffsets: Uint8Array | undefined;
  readonly addresses: Uint8Array | undefined;
  readonly ranges: Uint8Array | undefined;
  readonly rangeLists: Uint8Array | undefined;
}

/** How entries of one abbreviation code look. */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly { readonly attribute: number; readonly form: number; readonly constant: number }[];
}

/** What it takes to read entries of a unit. */
export interface UnitContext {
  /** Of the unit in `.debug_info`. */
  readonly offset: number;
  /** Behind it. */
  readonly end: number;
  readonly version: number;
  readonly is64: boolean;
  readonly addressBytes: number;
  readonly abbreviations: ReadonlyMap<number, Abbreviation>;
  stringOffsetsBase: number;
  addressBase: number;
  rangeListsBase: number;
}

/** An attribute's value, as far as the readers here need it. Addresses by index are looked up. */
export interface AttributeValue {
  /** A number, an address, an offset in a section, or of an entry in `.debug_info`. */
  readonly number: number;
  readonly text: string | undefined;
  /** The form: an address is told from an offset by it. */
  readonly form: number;
}

/** Reads the abbreviations at `offset` (DWARF 5, section 7.5.3). */
export function readAbbreviations(section: Uint8Array, offset: number): Map<number, Abbreviation> {
  const reader = new DwarfReader(section, offset);
  const all = new Map<number, Abbreviation>();
  for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
    const tag = reader.uleb();
    const hasChildren = reader.u8() !== 0;
    const attributes: { attribute: number; form: number; constant: number }[] = [];
    for (;;) {
      const attribute = reader.uleb();
      const form = reader.uleb();
      const constant = form === Form.implicitConst ? reader.sleb() : 0;
      if (attribute === 0 && form === 0) break;
      attributes.push({ attribute, form, constant });
    }
    all.set(code, { tag, hasChildren, attributes });
  }
  return all;
}

/**
 * Reads an entry at the reader's position (DWARF 5, section 7.5).
 * @param attributes gets its attributes
 * @returns its abbreviation; undefined for the end of a list of children
 */
export function readEntry(reader: DwarfReader, unit: UnitContext, sections: InfoSections, attributes: Map<number, AttributeValue>): Abbreviation | undefined {
  attributes.clear();
  const code = reader.uleb();
  if (code === 0) return undefined;
  const abbreviation = unit.abbreviations.get(code);
  if (abbreviation === undefined) throw new DwarfError(`the debugging information has an entry of unknown abbreviation ${code}`);
  for (const { attribute, form, constant } of abbreviation.attributes) {
    attributes.set(attribute, form === Form.implicitConst ? { number: constant, text: undefined, form } : readValue(reader, form, unit, sections));
  }
  // The unit's own entry says where its indexes begin, and may use some before it does.
  unit.stringOffsetsBase = attributes.get(Attribute.strOffsetsBase)?.number ?? unit.stringOffsetsBase;
  unit.addressBase = attributes.get(Attribute.addrBase)?.number ?? unit.addressBase;
  unit.rangeListsBase = attributes.get(Attribute.rnglistsBase)?.number ?? unit.rangeListsBase;
  return abbreviation;
}

const numbered = (number: number, form: number): AttributeValue => ({ number, text: undefined, form });
const worded = (text: string, form: number): AttributeValue => ({ number: 0, text, form });

function readValue(reader: DwarfReader, form: number, unit: UnitContext, sections: InfoSections): AttributeValue {
  const { is64, addressBytes, offset, version } = unit;
  switch (form) {
    case Form.addr:
      return numbered(reader.fixed(addressBytes), form);
    case Form.data1:
    case Form.flag:
      return numbered(reader.u8(), form);
    case Form.data2:
      return numbered(reader.u16(), form);
    case Form.data4:
      return numbered(reader.u32(), form);
    case Form.data8:
    case Form.refSig8:
      return numbered(reader.u64(), form);
    case Form.data16:
      return numbered(reader.skip(16), form);
    case Form.sdata:
      return numbered(reader.sleb(), form);
    case Form.udata:
    case Form.loclistx:
    case Form.rnglistx:
      return numbered(reader.uleb(), form);
    case Form.flagPresent:
      return numbered(1, form);
    case Form.string:
      return worded(reader.string(), form);
    case Form.strp:
      return worded(stringAt(sections.strings, reader.offset(is64)), form);
    case Form.lineStrp:
      return worded(stringAt(sections.lineStrings, reader.offset(is64)), form);
    case Form.strx:
      return worded(indexedString(reader.uleb(), unit, sections), form);
    case Form.strx1:
      return worded(indexedString(reader.u8(), unit, sections), form);
    case Form.strx2:
      return worded(indexedString(reader.u16(), unit, sections), form);
    case Form.strx3:
      return worded(indexedString(reader.u24(), unit, sections), form);
    case Form.strx4:
      return worded(indexedString(reader.u32(), unit, sections), form);
    case Form.addrx:
      return numbered(indexedAddress(reader.uleb(), unit, sections), Form.addr);
    case Form.addrx1:
      return numbered(indexedAddress(reader.u8(), unit, sections), Form.addr);
    case Form.addrx2:
      return numbered(indexedAddress(reader.u16(), unit, sections), Form.addr);
    case Form.addrx3:
      return numbered(indexedAddress(reader.u24(), unit, sections), Form.addr);
    case Form.addrx4:
      return numbered(indexedAddress(reader.u32(), unit, sections), Form.addr);
    case Form.secOffset:
      return numbered(reader.offset(is64), form);
    // Strings and entries of a file that several share (dwz): nobody looks there.
    case Form.strpSup:
    case Form.gnuStrpAlt:
    case Form.gnuRefAlt:
      reader.offset(is64);
      return numbered(-1, form);
    case Form.refSup4:
      reader.skip(4);
      return numbered(-1, form);
    case Form.refSup8:
      reader.skip(8);
      return numbered(-1, form);
    case Form.refAddr:
      return numbered(version <= 2 ? reader.fixed(addressBytes) : reader.offset(is64), form);
    case Form.ref1:
      return numbered(offset + reader.u8(), form);
    case Form.ref2:
      return numbered(offset + reader.u16(), form);
    case Form.ref4:
      return numbered(offset + reader.u32(), form);
    case Form.ref8:
      return numbered(offset + reader.u64(), form);
    case Form.refUdata:
      return numbered(offset + reader.uleb(), form);
    case Form.block1:
      return numbered(reader.skip(reader.u8()), form);
    case Form.block2:
      return numbered(reader.skip(reader.u16()), form);
    case Form.block4:
      return numbered(reader.skip(reader.u32()), form);
    case Form.block:
    case Form.exprloc:
      return numbered(reader.skip(reader.uleb()), form);
    case Form.indirect:
      return readValue(reader, reader.uleb(), unit, sections);
    default:
      throw new DwarfError(`the debugging information has an attribute of form ${form}`);
  }
}

function indexedString(index: number, { stringOffsetsBase, is64 }: UnitContext, { stringOffsets, strings }: InfoSections): string {
  const at = stringOffsetsBase + index * (is64 ? 8 : 4);
  return stringOffsets === undefined || at >= stringOffsets.length ? '' : stringAt(strings, new DwarfReader(stringOffsets, at).offset(is64));
}

/** An entry of `.debug_addr`. */
export function indexedAddress(index: number, { addressBase, addressBytes }: UnitContext, { addresses }: InfoSections): number {
  const at = addressBase + index * addressBytes;
  return addresses === undefined || at >= addresses.length ? 0 : new DwarfReader(addresses, at).fixed(addressBytes);
}
