import type { AddressSpace } from '../../engine/index.ts';
import { readTermios, TERMIOS_SIZE } from '../structs.ts';
import {
  flagText,
  nameOf,
  TERMIOS_CONTROL,
  TERMIOS_DELAYS,
  TERMIOS_INPUT,
  TERMIOS_LOCAL,
  TERMIOS_OUTPUT,
  TERMIOS_SIZE_MASK,
  TERMIOS_SIZES,
  TERMIOS_SPEED_MASK,
  TERMIOS_SPEEDS,
} from './flags.ts';

/** `0x` and 16 digits; NULL for 0. */
export const pointerText = (address: bigint): string => (address === 0n ? 'NULL' : hexAddress(address));
export const hexAddress = (address: bigint): string => `0x${address.toString(16).padStart(16, '0')}`;

/** Reads a structure of the guest's; undefined where it cannot be read. */
function view(space: AddressSpace, address: bigint, size: number): DataView | undefined {
  const bytes = address < 1n << 52n ? space.kernelRead(Number(address), size) : undefined;
  return bytes && new DataView(bytes.buffer);
}

/** A structure's text, or its address where it is NULL or cannot be read. */
export const structure = (space: AddressSpace, address: bigint, size: number, text: (v: DataView) => string): string => {
  const v = view(space, address, size);
  return v === undefined ? pointerText(address) : text(v);
};

export const timespecText = (space: AddressSpace, address: bigint): string =>
  structure(space, address, 16, (v) => `{tv_sec = ${v.getBigInt64(0, true)},tv_nsec = ${v.getBigInt64(8, true)}}`);

export const timevalText = (space: AddressSpace, address: bigint): string =>
  structure(space, address, 16, (v) => `{tv_sec = ${v.getBigInt64(0, true)},tv_usec = ${v.getBigInt64(8, true)}}`);

export const timezoneText = (space: AddressSpace, address: bigint): string =>
  structure(space, address, 8, (v) => `{${v.getInt32(0, true)},${v.getInt32(4, true)}}`);

export const intText = (space: AddressSpace, address: bigint): string => structure(space, address, 4, (v) => `${v.getInt32(0, true)}`);

/** struct winsize: rows, columns, and their pixels. */
export const windowSizeText = (space: AddressSpace, address: bigint): string =>
  structure(space, address, 8, (v) => `{${[0, 2, 4, 6].map((at) => v.getUint16(at, true)).join(',')}}`);

function outputFlags(value: number): string {
  const delays = TERMIOS_DELAYS.reduce((mask, [bits]) => mask | bits, 0);
  const names = TERMIOS_DELAYS.filter(([mask]) => (value & mask) !== 0).map(([mask, shift, name]) => `,${name}${(value & mask) >>> shift}`);
  return flagText(TERMIOS_OUTPUT, value & ~delays) + names.join('');
}

function controlFlags(value: number): string {
  const speed = value & TERMIOS_SPEED_MASK;
  const size = value & TERMIOS_SIZE_MASK;
  const rest = value & ~TERMIOS_SPEED_MASK & ~TERMIOS_SIZE_MASK;
  return `${speed === 0 ? '' : `${nameOf(TERMIOS_SPEEDS, speed)},`}${size === 0 ? '' : `${nameOf(TERMIOS_SIZES, size)},`}${flagText(TERMIOS_CONTROL, rest)}`;
}

export const termiosText = (space: AddressSpace, address: bigint): string =>
  structure(space, address, TERMIOS_SIZE, (v) => {
    const t = readTermios(new Uint8Array(v.buffer));
    const characters = String.fromCharCode(...t.controlCharacters);
    const fields = [
      `c_iflag = ${flagText(TERMIOS_INPUT, t.inputFlags)}`,
      `c_oflag = ${outputFlags(t.outputFlags)}`,
      `c_cflag = ${controlFlags(t.controlFlags)}`,
      `c_lflag = ${flagText(TERMIOS_LOCAL, t.localFlags)}`,
      `c_cc = "${characters.split('\0')[0]}"`,
      `c_line = '${String.fromCharCode(v.getUint8(16))}'`,
    ];
    return `{${fields.join(',')}}`;
  });
