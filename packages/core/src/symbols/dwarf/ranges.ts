import { Attribute, Form, RangeEntry } from './constants.ts';
import { type AttributeValue, type InfoSections, indexedAddress, type UnitContext } from './debugEntry.ts';
import { DwarfReader } from './dwarfReader.ts';

/** Addresses from `start` up to before `end`. */
export interface AddressSpan {
  readonly start: number;
  readonly end: number;
}

/** All ones in an address. */
const BASE_SELECTION = 2 ** 64 - 1;

/** The addresses of an entry's code. @param base the unit's lowest address */
export function rangesOf(attributes: ReadonlyMap<number, AttributeValue>, unit: UnitContext, sections: InfoSections, base: number): AddressSpan[] {
  const list = attributes.get(Attribute.ranges);
  if (list !== undefined) return unit.version >= 5 ? rangeList(list, unit, sections, base) : oldRanges(list.number, unit, sections, base);
  const low = attributes.get(Attribute.lowPc);
  const high = attributes.get(Attribute.highPc);
  if (low === undefined || high === undefined) return [];
  return [{ start: low.number, end: high.form === Form.addr ? high.number : low.number + high.number }];
}

/** A list of `.debug_rnglists` (DWARF 5, section 2.17.3). */
function rangeList({ number, form }: AttributeValue, unit: UnitContext, sections: InfoSections, unitBase: number): AddressSpan[] {
  const { rangeLists } = sections;
  if (rangeLists === undefined) return [];
  const { is64, addressBytes, rangeListsBase } = unit;
  const at = form === Form.rnglistx ? rangeListsBase + new DwarfReader(rangeLists, rangeListsBase + number * (is64 ? 8 : 4)).offset(is64) : number;
  const reader = new DwarfReader(rangeLists, at);
  const address = (): number => reader.fixed(addressBytes);
  const indexed = (): number => indexedAddress(reader.uleb(), unit, sections);
  const spans: AddressSpan[] = [];
  let base = unitBase;
  for (;;) {
    switch (reader.u8()) {
      case RangeEntry.baseAddressx:
        base = indexed();
        break;
      case RangeEntry.baseAddress:
        base = address();
        break;
      case RangeEntry.startxEndx:
        spans.push({ start: indexed(), end: indexed() });
        break;
      case RangeEntry.startxLength: {
        const start = indexed();
        spans.push({ start, end: start + reader.uleb() });
        break;
      }
      case RangeEntry.offsetPair:
        spans.push({ start: base + reader.uleb(), end: base + reader.uleb() });
        break;
      case RangeEntry.startEnd:
        spans.push({ start: address(), end: address() });
        break;
      case RangeEntry.startLength: {
        const start = address();
        spans.push({ start, end: start + reader.uleb() });
        break;
      }
      default:
        return spans;
    }
  }
}

/** A list of `.debug_ranges` (DWARF 4, section 2.17.3). */
function oldRanges(offset: number, { addressBytes }: UnitContext, { ranges }: InfoSections, unitBase: number): AddressSpan[] {
  if (ranges === undefined) return [];
  const reader = new DwarfReader(ranges, offset);
  const spans: AddressSpan[] = [];
  let base = unitBase;
  for (;;) {
    const start = reader.fixed(addressBytes);
    const end = reader.fixed(addressBytes);
    if (start === 0 && end === 0) return spans;
    if (start === BASE_SELECTION) base = end;
    else spans.push({ start: base + start, end: base + end });
  }
}
