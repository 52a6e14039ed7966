import { describe, expect, it } from 'vitest';
import { type ByteString, byteString, bytesOf } from '../../linux/index.ts';
import { Connection } from './connection.ts';
import { PacketReader, packetOf, type Received } from './framing.ts';

const bytes = (text: string): Uint8Array => bytesOf(text as ByteString);

function read(...pieces: readonly string[]): Received[] {
  const received: Received[] = [];
  const reader = new PacketReader();
  for (const piece of pieces) reader.read(bytes(piece), (each) => received.push(each));
  return received;
}

describe('packets', () => {
  it('are found in pieces of any size', () => {
    expect(read('+$m40,', '4#', '9', 'd\x03-')).toEqual([
      { kind: 'acknowledged' },
      { kind: 'packet', payload: bytes('m40,4'), isIntact: false },
      { kind: 'interrupt' },
      { kind: 'refused' },
    ]);
    expect(read('$OK#9a')).toEqual([{ kind: 'packet', payload: bytes('OK'), isIntact: true }]);
  });

  it('may have any bytes', () => {
    const all = Uint8Array.from({ length: 512 }, (_, i) => i & 0xff);
    const [received] = read(byteString(packetOf(all)));
    expect(received).toEqual({ kind: 'packet', payload: all, isIntact: true });
  });

  it.each(Array.from({ length: 220 }, (_, i) => i))('have a byte %i times in a row', (count) => {
    const payload = bytes(`a${'0'.repeat(count)}b`);
    const packet = byteString(packetOf(payload));
    expect(packet.slice(1)).not.toContain('$');
    expect(packet.slice(1, -3)).not.toContain('#');
    expect(read(packet)).toEqual([{ kind: 'packet', payload, isIntact: true }]);
    expect(packet.length).toBeLessThan(30);
  });
});

describe('a connection', () => {
  function open() {
    const written: string[] = [];
    const packets: string[] = [];
    let interrupts = 0;
    const connection = new Connection({
      write: (data) => written.push(byteString(data)),
      packet: (payload) => packets.push(byteString(payload)),
      interrupt: () => interrupts++,
    });
    return { connection, written, packets, interrupts: () => interrupts };
  }

  it('acknowledges, and asks for what is damaged again', () => {
    const { connection, written, packets } = open();
    connection.received(bytes('$g#67$g#68'));
    expect(written).toEqual(['+', '-']);
    expect(packets).toEqual(['g']);
  });

  it('sends again what was refused', () => {
    const { connection, written } = open();
    connection.send(bytes('OK'));
    connection.received(bytes('-'));
    expect(written).toEqual(['$OK#9a', '$OK#9a']);
  });

  it('acknowledges nothing any more when that is not wanted', () => {
    const { connection, written, packets, interrupts } = open();
    connection.received(bytes('$QStartNoAckMode#b0+$g#67\x03'));
    expect(written).toEqual(['+', '$OK#9a']);
    expect(packets).toEqual(['g']);
    expect(interrupts()).toBe(1);
  });

  // gdb, which waits two seconds, took the last command's reply for that of one that took longer.
  it('sends nothing again when no acknowledgements are wanted', () => {
    const { connection, written } = open();
    connection.received(bytes('$QStartNoAckMode#b0'));
    connection.send(bytes('late'));
    const before = [...written];
    connection.received(bytes('-'));
    expect(written).toEqual(before);
  });
});
