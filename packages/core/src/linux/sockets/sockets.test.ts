import { expect, test } from 'vitest';
import { Errno } from '../errno.ts';
import type { HostNetwork, NetworkEvent, NetworkRequest } from '../host.ts';
import { words } from '../structs.ts';
import { SyscallBench } from '../testing/syscallBench.ts';
import { canonicalInet, readInet, writeInet } from './address.ts';
import { AF, Sock } from './constants.ts';
import { NetlinkSocket } from './netlink.ts';
import { ReceiveQueue } from './receiveQueue.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const inet = (host: string, port: number): Uint8Array => writeInet(canonicalInet(host, port), AF.inet);

/** A network that a test plays. */
class PlayedNetwork implements HostNetwork {
  readonly reachesPaths = true;
  readonly handle = -2;
  readonly requests: NetworkRequest[] = [];
  readonly events: NetworkEvent[] = [];

  post(request: NetworkRequest): void {
    this.requests.push(request);
  }

  take(): NetworkEvent | undefined {
    return this.events.shift();
  }

  interfaces() {
    return [{ name: 'eth0', index: 2, addresses: [{ host: '10.0.0.5', prefix: 24 }], hardware: bytes(2, 0, 0, 0, 0, 1) }];
  }
}

test('addresses: both families, and IPv4 inside IPv6', () => {
  expect(readInet(inet('10.1.2.3', 80), AF.inet)).toEqual({ family: 4, host: '10.1.2.3', port: 80 });
  const six = canonicalInet('fe80::1%eth0', 443);
  expect(six).toEqual({ family: 6, host: 'fe80:0:0:0:0:0:0:1', port: 443 });
  expect(readInet(writeInet(six, AF.inet6), AF.inet6)).toEqual(six);
  const mapped = canonicalInet('::ffff:10.1.2.3', 1);
  expect(mapped).toEqual({ family: 4, host: '10.1.2.3', port: 1 });
  expect(readInet(writeInet(mapped, AF.inet6), AF.inet6)).toEqual(mapped);
});

test('a queue gives bytes across pieces, and records one by one', () => {
  const stream = new ReceiveQueue();
  for (const piece of [bytes(1, 2), bytes(3, 4)]) stream.push({ bytes: piece });
  const into = new Uint8Array(3);
  expect(stream.takeBytes(into, true).count).toBe(3);
  expect(stream.takeBytes(into, false).count).toBe(3);
  expect(into).toEqual(bytes(1, 2, 3));
  expect(stream.length).toBe(1);
  const records = new ReceiveQueue();
  records.push({ bytes: bytes(1, 2, 3, 4) });
  expect(records.takeRecord(into, false)).toMatchObject({ count: 3, length: 4 });
  expect(records.count).toBe(0);
});

test('what waits in a socket stays what it was, though large writes have one buffer', () => {
  const bench = new SyscallBench();
  const pair = bench.room(8);
  expect(bench.call('socketpair', AF.unix, Sock.stream, 0, pair)).toBe(0);
  const [from, to] = new Int32Array(bench.bytes(pair, 8).slice().buffer);
  const sizes = [5000, 5000, 6000];
  const data = bench.room(6000);
  for (const [i, size] of sizes.entries()) {
    bench.machine.space.kernelWrite(data, new Uint8Array(size).fill(i + 1));
    expect(bench.call('write', from, data, size)).toBe(size);
  }
  for (const [i, size] of sizes.entries()) {
    expect(bench.call('read', to, data, size)).toBe(size);
    expect(new Set(bench.bytes(data, size))).toEqual(new Set([i + 1]));
  }
});

test('what leaves loopback goes to the host', () => {
  const bench = new SyscallBench();
  const network = new PlayedNetwork();
  bench.host.network = network;
  const fd = bench.call('socket', AF.inet, Sock.stream | Sock.nonBlock, 0) as number;
  const to = bench.put(inet('93.184.216.34', 80));
  expect(bench.call('connect', fd, to, 16)).toBe(-Errno.EINPROGRESS);
  expect(network.requests).toEqual([{ kind: 'connect', id: 1, to: { host: '93.184.216.34', port: 80 } }]);
  expect(bench.call('connect', fd, to, 16)).toBe(-Errno.EALREADY);
  network.events.push({ kind: 'opened', id: 1, local: { host: '10.0.0.5', port: 4000 } });
  expect(bench.call('connect', fd, to, 16)).toBe(0);
  expect(bench.call('write', fd, 'hello', 5)).toBe(5);
  expect(network.requests[1]).toMatchObject({ kind: 'send', id: 1 });
  const room = bench.room(16);
  expect(bench.call('read', fd, room, 16)).toBe(-Errno.EAGAIN);
  network.events.push({ kind: 'data', id: 1, data: bytes(7, 8) }, { kind: 'ended', id: 1 });
  expect(bench.call('read', fd, room, 16)).toBe(2);
  expect(bench.call('read', fd, room, 16)).toBe(0);
  const length = bench.put(words(16));
  expect(bench.call('getsockname', fd, room, length)).toBe(0);
  expect(bench.bytes(room, 8)).toEqual(inet('10.0.0.5', 4000).subarray(0, 8));
  expect(bench.call('close', fd)).toBe(0);
  expect(network.requests.at(-1)).toEqual({ kind: 'close', id: 1, reset: false });
});

test('a connection of the host reaches a listener', () => {
  const bench = new SyscallBench();
  const network = new PlayedNetwork();
  bench.host.network = network;
  const fd = bench.call('socket', AF.inet, Sock.stream | Sock.nonBlock, 0) as number;
  expect(bench.call('bind', fd, bench.put(inet('0.0.0.0', 8080)), 16)).toBe(0);
  network.events.push({ kind: 'opened', id: 1, local: { host: '0.0.0.0', port: 8080 } });
  expect(bench.call('listen', fd, 5)).toBe(0);
  expect(bench.call('accept4', fd, 0, 0, 0)).toBe(-Errno.EAGAIN);
  const local = { host: '127.0.0.1', port: 8080 };
  network.events.push({ kind: 'accepted', id: 1, connection: -1, local, peer: { host: '127.0.0.1', port: 5555 } });
  network.events.push({ kind: 'data', id: -1, data: bytes(9) });
  const connection = bench.call('accept4', fd, 0, 0, 0) as number;
  expect(bench.call('read', connection, bench.room(16), 16)).toBe(1);
});

test('without a network there is loopback alone', () => {
  const bench = new SyscallBench();
  const fd = bench.call('socket', AF.inet, Sock.stream, 0) as number;
  expect(bench.call('connect', fd, bench.put(inet('10.0.0.1', 80)), 16)).toBe(-Errno.ENETUNREACH);
  expect(bench.call('connect', fd, bench.put(inet('127.0.0.1', 80)), 16)).toBe(-Errno.ECONNREFUSED);
  expect(bench.call('bind', fd, bench.put(inet('10.0.0.1', 8080)), 16)).toBe(-Errno.EADDRNOTAVAIL);
});

test('a socket waits for its time only', () => {
  const bench = new SyscallBench();
  const fds = bench.room(8);
  expect(bench.call('socketpair', AF.unix, Sock.datagram, 0, fds)).toBe(0);
  const fd = bench.view(fds, 4).getInt32(0, true);
  expect(bench.call('recvfrom', fd, bench.room(8), 8, 0, 0, 0)).toBe('blocked');
});

test('netlink tells of the interfaces', () => {
  const bench = new SyscallBench();
  bench.host.network = new PlayedNetwork();
  const socket = new NetlinkSocket(bench.kernel, { family: AF.netlink, type: Sock.raw, protocol: 0 }, 0);
  const ask = (type: number): string => {
    // nlmsghdr with NLM_F_REQUEST and NLM_F_DUMP, and an rtgenmsg.
    const data = new Uint8Array(20);
    const view = new DataView(data.buffer);
    view.setUint32(0, 17, true);
    view.setUint16(4, type, true);
    view.setUint16(6, 0x301, true);
    socket.send({ data });
    const into = new Uint8Array(1000);
    const { count } = socket.receive(into, false, true);
    socket.receive(new Uint8Array(100), false, true);
    return String.fromCharCode(...into.subarray(0, count));
  };
  expect(ask(18)).toContain('eth0');
  expect(ask(22)).toContain('\x0a\x00\x00\x05');
});
