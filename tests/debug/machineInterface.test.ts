import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MiSession } from './miSession.ts';
import { builtPrograms, Debuggee, hasGdb, surroundings } from './session.ts';

const tests = surroundings();
const programOf = builtPrograms();

/** Connects as VS Code's C++ extension does to a debugger's server. */
async function connect(debuggee: Debuggee, program: string): Promise<MiSession> {
  await debuggee.ready();
  const gdb = new MiSession();
  for (const command of ['-gdb-set pagination off', '-gdb-set mi-async off', `-file-exec-and-symbols ${program}`, `-target-select remote ${debuggee.socket}`])
    expect(await gdb.ask(command), command).toMatch(/^\^(done|connected)/);
  return gdb;
}

/** The function of the frame that a record of a stop tells, and its line. */
const placeIn = (record: string): string => `${/func="(\w+)"/.exec(record)?.[1]}:${/line="(\d+)"/.exec(record)?.[1]}`;
const lineIn = (record: string): number => Number(/line="(\d+)"/.exec(record)?.[1]);

describe.skipIf(!hasGdb)("gdb's machine interface, as editors use it", () => {
  it('debugs a live run', async () => {
    const program = programOf('values');
    const debuggee = new Debuggee(tests.everystep, tests.newSocket(), [program]);
    const gdb = await connect(debuggee, program);
    expect(await gdb.ask('-break-insert -f add')).toContain('bkpt={number="1"');
    expect(await gdb.move('-exec-continue')).toMatch(/reason="breakpoint-hit".*func="add"/);
    expect(await gdb.ask('-thread-info')).toMatch(/threads=\[\{id="1",target-id="Thread .*func="add"/);
    expect(await gdb.ask('-stack-list-frames')).toMatch(/func="add".*func="main"|func="add".*func="_start"/);
    expect(await gdb.ask('-stack-list-variables --simple-values')).toMatch(/name="x",arg="1".*name="local"/);
    expect(await gdb.ask('-var-create - * x')).toContain('value="0"');
    expect(await gdb.move('-exec-next')).toContain('reason="end-stepping-range"');
    expect(await gdb.move('-exec-finish')).toContain('reason="function-finished"');
    expect(await gdb.ask('-data-evaluate-expression global')).toBe('^done,value="0"');
    expect(await gdb.ask('-data-list-register-values x 32')).toMatch(/number="32",value="0x/);
    expect(await gdb.ask('-exec-continue --reverse')).toContain('^error');
    expect(await gdb.ask('-target-detach')).toBe('^done');
    await gdb.exit();
    expect((await debuggee.ended).status).toBe(4);
  });

  it('debugs a recording, backwards too', async () => {
    const program = programOf('values');
    const recording = join(tests.folder, 'recording');
    tests.everystep.run(['record', '-o', recording, program]);
    const debuggee = new Debuggee(tests.everystep, tests.newSocket(), [recording], '', 'gdb');
    const gdb = await connect(debuggee, program);
    expect(await gdb.ask('-list-target-features')).toContain('"reverse"');
    await gdb.ask('-break-insert bump');
    const stopped = await gdb.move('-exec-continue');
    expect(stopped).toMatch(/reason="breakpoint-hit".*func="bump"/);
    expect(await gdb.ask('-data-evaluate-expression global')).toBe('^done,value="3"');
    // Who set it? The last call of add: its line, and from there back to its caller.
    expect(await gdb.ask('-break-watch global')).toContain('wpt={');
    const written = await gdb.move('-exec-continue --reverse');
    expect(written).toMatch(/reason="watchpoint-trigger".*old="3",new="1".*func="add"/);
    expect(await gdb.ask('-stack-list-variables --simple-values')).toMatch(/name="local",.*value="3"/);
    await gdb.ask('-break-delete');
    const line = lineIn(written);
    // It was within its line: first to where that begins.
    expect(placeIn(await gdb.move('-exec-step --reverse'))).toBe(`add:${line}`);
    expect(placeIn(await gdb.move('-exec-step --reverse'))).toBe(`add:${line - 1}`);
    expect(placeIn(await gdb.move('-exec-next'))).toBe(`add:${line}`);
    const caller = await gdb.move('-exec-finish --reverse');
    expect(placeIn(caller)).not.toMatch(/^add:/);
    const next = await gdb.move('-exec-next');
    expect(placeIn(await gdb.move('-exec-next --reverse'))).toBe(placeIn(caller));
    expect(placeIn(next)).not.toBe(placeIn(caller));
    // To the beginning, and to the end.
    const step = async (): Promise<string | undefined> => {
      await gdb.ask('-interpreter-exec console "monitor when"');
      return gdb.before.find((line) => line.startsWith('@'));
    };
    for (const [command, at] of [
      ['-exec-continue --reverse', /step 0\\n/],
      ['-exec-continue', /step [1-9]\d\d+\\n/],
    ] as const) {
      await gdb.move(command);
      expect(gdb.before).toContain('~"\\nNo more reverse-execution history.\\n"');
      expect(await step()).toMatch(at);
    }
    await gdb.exit();
    expect((await debuggee.ended).status).toBe(0);
  });
});
