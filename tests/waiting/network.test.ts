import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { BuiltCommand } from '../cli/command.ts';
import { buildPrograms } from '../programs/build.mjs';

let command: BuiltCommand;
const paths = new Map<string, string>();
beforeAll(() => {
  command = new BuiltCommand();
  for (const { name, path } of buildPrograms(join(import.meta.dirname, 'network'), join(import.meta.dirname, '../../.build/network'))) paths.set(name, path);
});

/** Starts a program. @returns what it has printed once it has ended, and, before that, when it has printed something */
function start(
  file: string,
  args: readonly string[],
  name: string,
  ...rest: readonly string[]
): { readonly output: Promise<string>; readonly begun: Promise<unknown> } {
  const child = spawn(file, [...args, paths.get(name) as string, ...rest], { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  return { begun: once(child.stdout, 'data'), output: once(child, 'close').then(() => text) };
}
const everystep = (name: string, ...rest: readonly string[]) => start(process.execPath, [command.path, 'run'], name, ...rest);
const qemu = (name: string, ...rest: readonly string[]) => start('qemu-aarch64', [], name, ...rest);

test('guests reach servers of the host', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const datagrams = createSocket('udp4');
  datagrams.on('message', (data, { port, address }) => datagrams.send(data, port, address));
  datagrams.bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  const ports = [server.address() as AddressInfo, datagrams.address()].map(({ port }) => `${port}`);
  const actual = await everystep('echoClient', ...ports).output;
  expect(actual).toContain('total: 200000');
  expect(actual).toBe(await qemu('echoClient', ...ports).output);
  server.close();
  datagrams.close();
});

/** A port that nobody has just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

/** Talks to a server that sends everything back. @returns how much came */
async function talk(port: number, length: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let total = 0;
  socket.on('data', (data) => {
    total += data.length;
    if (total === length) socket.end();
  });
  socket.write(new Uint8Array(length));
  await once(socket, 'close');
  const datagrams = createSocket('udp4');
  datagrams.send('ping', port, '127.0.0.1');
  const [answer] = await once(datagrams, 'message');
  datagrams.close();
  return total + (answer as Buffer).length;
}

test('the host reaches servers of guests', async () => {
  const outputs: string[] = [];
  for (const run of [everystep, qemu]) {
    const port = await freePort();
    const { begun, output } = run('echoServer', `${port}`);
    await begun;
    expect(await talk(port, 1_000_000)).toBe(1_000_004);
    outputs.push(await output);
  }
  expect(outputs[0]).toContain('total: 1000000');
  expect(outputs[0]).toBe(outputs[1]);
});
