/** A field of a message of protocol buffers: numbers are bigints, all else is bytes. */
export interface Field {
  readonly field: number;
  readonly value: bigint | Uint8Array;
}

/** Takes a message apart. @param isPacked a list of numbers without field numbers */
export function fieldsOf(bytes: Uint8Array, isPacked = false): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the message ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = isPacked ? 0n : varint();
    const field = Number(tag >> 3n);
    if ((tag & 7n) === 0n) fields.push({ field, value: varint() });
    else if ((tag & 7n) === 2n) {
      const length = Number(varint());
      if (at + length > bytes.length) throw new Error('the message ends within a field');
      fields.push({ field, value: bytes.subarray(at, at + length) });
      at += length;
    } else throw new Error(`a field of wire type ${tag & 7n}`);
  }
  return fields;
}

export const textOf = (value: bigint | Uint8Array): string => Buffer.from(value as Uint8Array).toString();
