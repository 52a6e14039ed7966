/**
 * Packets of gdb's remote protocol (gdb's manual, E.1): `$`, the payload, `#`, two hexadecimal digits of the payload's sum
 * modulo 256. Within a payload `}` stands before a byte that is changed by 0x20, and `*` behind a byte that is repeated.
 */
const DOLLAR = 0x24;
const HASH = 0x23;
const PLUS = 0x2b;
const MINUS = 0x2d;
const STAR = 0x2a;
const ESCAPE = 0x7d;
const ESCAPE_BIT = 0x20;
/** ^C, between packets. */
const INTERRUPT = 0x03;

/** A run's length is told by a printable character: so many more times, plus this. */
const RUN_BASE = 29;
const LEAST_RUN = 3;
const MOST_RUN = 126 - RUN_BASE;

/** What has been received. */
export type Received =
  | { readonly kind: 'packet'; readonly payload: Uint8Array; readonly isIntact: boolean }
  | { readonly kind: 'acknowledged' }
  /** The other side wants the last packet again. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'interrupt' };

/** Cuts what arrives, in pieces of any size, into packets. */
export class PacketReader {
  private state: 'between' | 'payload' | 'sum' = 'between';
  private payload: number[] = [];
  private sum = 0;
  private digits = '';

  /** Calls `tell` for whatever is complete. */
  read(data: Uint8Array, tell: (received: Received) => void): void {
    for (const byte of data) {
      if (this.state === 'between') this.between(byte, tell);
      else if (this.state === 'payload') this.inPayload(byte);
      else this.inSum(byte, tell);
    }
  }

  private between(byte: number, tell: (received: Received) => void): void {
    if (byte === DOLLAR) this.begin();
    else if (byte === PLUS) tell({ kind: 'acknowledged' });
    else if (byte === MINUS) tell({ kind: 'refused' });
    else if (byte === INTERRUPT) tell({ kind: 'interrupt' });
  }

  private begin(): void {
    this.state = 'payload';
    this.payload = [];
    this.sum = 0;
    this.digits = '';
  }

  private inPayload(byte: number): void {
    if (byte === HASH) this.state = 'sum';
    // The rest of the packet before was lost.
    else if (byte === DOLLAR) this.begin();
    else {
      this.payload.push(byte);
      this.sum = (this.sum + byte) & 0xff;
    }
  }

  private inSum(byte: number, tell: (received: Received) => void): void {
    this.digits += String.fromCharCode(byte);
    if (this.digits.length < 2) return;
    this.state = 'between';
    tell({ kind: 'packet', payload: decode(this.payload), isIntact: Number.parseInt(this.digits, 16) === this.sum });
  }
}

function decode(payload: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < payload.length; i++) {
    const byte = payload[i];
    if (byte === ESCAPE && i + 1 < payload.length) bytes.push(payload[++i] ^ ESCAPE_BIT);
    else if (byte === STAR && i + 1 < payload.length && bytes.length > 0) {
      for (let left = payload[++i] - RUN_BASE; left > 0; left--) bytes.push(bytes[bytes.length - 1]);
    } else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** The packet for a payload of any bytes. */
export function packetOf(payload: Uint8Array): Uint8Array {
  const escaped: number[] = [];
  for (const byte of payload) {
    if (byte === DOLLAR || byte === HASH || byte === ESCAPE || byte === STAR) escaped.push(ESCAPE, byte ^ ESCAPE_BIT);
    else escaped.push(byte);
  }
  const packed = withRuns(escaped);
  const sum = packed.reduce((total, byte) => (total + byte) & 0xff, 0);
  const digits = sum.toString(16).padStart(2, '0');
  return Uint8Array.from([DOLLAR, ...packed, HASH, digits.charCodeAt(0), digits.charCodeAt(1)]);
}

function withRuns(bytes: readonly number[]): number[] {
  const packed: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i];
    let more = 0;
    while (more < MOST_RUN && bytes[i + 1 + more] === byte) more++;
    // Neither # nor $ may tell a length.
    while (more + RUN_BASE === HASH || more + RUN_BASE === DOLLAR) more--;
    packed.push(byte);
    if (more >= LEAST_RUN) packed.push(STAR, more + RUN_BASE);
    else more = 0;
    i += 1 + more;
  }
  return packed;
}
