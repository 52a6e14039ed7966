import { byteString, decodeText } from '../../linux/index.ts';
import type { DebugTarget } from '../target.ts';

/** Of the auxiliary vector: where the program's headers are in memory, how many bytes each has, and how many there are. */
const Aux = { headers: 3n, headerBytes: 4n, headerCount: 5n } as const;
/** Kinds of program headers. */
const PT_DYNAMIC = 2;
const PT_PHDR = 6;
/** Where a program header has its kind and its address. */
const HEADER = { bytes: 56, kind: 0, address: 16 } as const;
/** Entry of the dynamic section with the address of struct r_debug, once the dynamic linker has put it there. */
const DT_DEBUG = 21n;
/** struct r_debug: version, first struct link_map, and, since version 2, the next namespace's struct r_debug. */
const DEBUG = { bytes: 16, version: 0, map: 8, next: 40 } as const;
const WITH_NAMESPACES = 2;
/** struct link_map: difference of addresses, name, dynamic section, the next one. */
const MAP = { bytes: 32, bias: 0, name: 8, dynamic: 16, next: 24 } as const;

const MOST_HEADERS = 64;
const MOST_ENTRIES = 512;
const MOST_LIBRARIES = 10_000;
const MOST_NAMESPACES = 64;
const NAME_BYTES = 4096;
/** Addresses above are none of a program's. */
const END = 1n << 52n;

/** A library as the dynamic linker knows it; values of its struct link_map, which is at `map`. */
export interface LoadedLibrary {
  /** The namespace (dlmopen) that it is in: where its struct r_debug is. */
  readonly namespace: bigint;
  readonly map: bigint;
  readonly bias: bigint;
  readonly dynamic: bigint;
  readonly name: string;
}

/** What the dynamic linker of a process has loaded now: libraries in its order, and the program's own link_map, if it is there yet. */
export interface LoadedLibraries {
  readonly program: bigint | undefined;
  readonly libraries: readonly LoadedLibrary[];
}

/** Reads the dynamic linker's list (struct r_debug) of a program of 64-bit words. */
export function loadedLibraries(target: DebugTarget, pid: number): LoadedLibraries {
  const read = (address: bigint, bytes: number): DataView | undefined => {
    const found = address >= 0n && address < END ? target.readMemory(pid, Number(address), bytes) : new Uint8Array();
    return found.length === bytes ? new DataView(found.buffer, found.byteOffset, bytes) : undefined;
  };
  const libraries: LoadedLibrary[] = [];
  let program: bigint | undefined;
  let namespace = debugAddress(target.auxiliaryVector(pid), read) ?? 0n;
  for (let left = MOST_NAMESPACES; namespace !== 0n && left > 0; left--) {
    const debug = read(namespace, DEBUG.bytes);
    let at = debug?.getBigUint64(DEBUG.map, true) ?? 0n;
    while (at !== 0n && libraries.length < MOST_LIBRARIES) {
      const map = read(at, MAP.bytes);
      // It is being changed, or is none.
      if (map === undefined) break;
      const [bias, dynamic] = [map.getBigUint64(MAP.bias, true), map.getBigUint64(MAP.dynamic, true)];
      // The very first is the program itself, which has no name.
      if (program === undefined) program = at;
      else {
        const name = nameAt(target, pid, map.getBigUint64(MAP.name, true));
        if (name !== '') libraries.push({ namespace, map: at, bias, dynamic, name });
      }
      at = map.getBigUint64(MAP.next, true);
    }
    const hasNext = (debug?.getUint32(DEBUG.version, true) ?? 0) >= WITH_NAMESPACES;
    namespace = (hasNext ? read(namespace + BigInt(DEBUG.next), 8)?.getBigUint64(0, true) : undefined) ?? 0n;
  }
  return { program, libraries };
}

/** The address of struct r_debug; undefined: there is none, or not yet. */
function debugAddress(auxiliary: Uint8Array, read: (address: bigint, bytes: number) => DataView | undefined): bigint | undefined {
  const values = new Map<bigint, bigint>();
  const view = new DataView(auxiliary.buffer, auxiliary.byteOffset, auxiliary.byteLength);
  for (let at = 0; at + 16 <= view.byteLength; at += 16) values.set(view.getBigUint64(at, true), view.getBigUint64(at + 8, true));
  const headers = values.get(Aux.headers);
  if (headers === undefined || values.get(Aux.headerBytes) !== BigInt(HEADER.bytes)) return undefined;
  let bias = 0n;
  let dynamic: bigint | undefined;
  for (let i = 0; i < Math.min(MOST_HEADERS, Number(values.get(Aux.headerCount) ?? 0n)); i++) {
    const header = read(headers + BigInt(i * HEADER.bytes), HEADER.bytes);
    const kind = header?.getUint32(HEADER.kind, true);
    const address = header?.getBigUint64(HEADER.address, true) ?? 0n;
    if (kind === PT_PHDR) bias = headers - address;
    if (kind === PT_DYNAMIC) dynamic = address;
  }
  for (let i = 0; dynamic !== undefined && i < MOST_ENTRIES; i++) {
    const entry = read(dynamic + bias + BigInt(16 * i), 16);
    const tag = entry?.getBigUint64(0, true) ?? 0n;
    if (tag === 0n) return undefined;
    const value = entry?.getBigUint64(8, true) ?? 0n;
    if (tag === DT_DEBUG) return value === 0n ? undefined : value;
  }
  return undefined;
}

/** A string in memory; '' where there is none. */
function nameAt(target: DebugTarget, pid: number, address: bigint): string {
  if (address === 0n || address >= END) return '';
  const bytes = target.readMemory(pid, Number(address), NAME_BYTES);
  const end = bytes.indexOf(0);
  return end < 0 ? '' : decodeText(byteString(bytes.subarray(0, end)));
}
