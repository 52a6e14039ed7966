import { ByteWriter } from '../../base/index.ts';

/** Wire types of protocol buffers. */
const VARINT = 0;
const BYTES = 2;

/** Writes one message of protocol buffers (their encoding guide): fields by number. Numbers are 0 to 2^53 - 1. */
export class Message {
  private readonly out = new ByteWriter(64);

  uint(field: number, value: number): this {
    this.varint(field * 8 + VARINT);
    this.varint(value);
    return this;
  }

  /** A number of 64 bits. */
  wide(field: number, value: bigint): this {
    this.varint(field * 8 + VARINT);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.out.byte(Number(rest & 0x7fn) | 0x80);
    this.out.byte(Number(rest));
    return this;
  }

  text(field: number, value: string): this {
    this.varint(field * 8 + BYTES);
    this.out.utf8(value);
    return this;
  }

  message(field: number, value: Message): this {
    this.varint(field * 8 + BYTES);
    this.varint(value.out.length);
    this.out.append(value.out);
    return this;
  }

  /** A repeated number, packed. */
  packed(field: number, values: readonly number[]): this {
    const list = new Message();
    for (const value of values) list.varint(value);
    return this.message(field, list);
  }

  /** The bytes so far, shared with the message. */
  view(): Uint8Array {
    return this.out.view();
  }

  private varint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.out.byte((rest % 128) | 0x80);
    this.out.byte(rest);
  }
}
