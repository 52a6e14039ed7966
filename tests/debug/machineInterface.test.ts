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

/**
 * Starts a session with the commands of VS Code's C/C++ extension for `miDebuggerServerAddress`, up to where its user may do something:
 * a breakpoint at main, which it removes there.
 */
async function launch(debuggee: Debuggee, program: string): Promise<MiSession> {
  await debuggee.ready();
  const gdb = new MiSession();
  for (const command of [
    ...['-gdb-set mi-async on', '-enable-pretty-printing', '-interpreter-exec console "set pagination off"', `-environment-cd ${tests.folder}`],
    ...[`-file-exec-and-symbols ${program}`, '-interpreter-exec console "show architecture"', '-break-insert main'],
  ])
    expect(await gdb.ask(command), command).toMatch(/^\^done/);
  expect(await gdb.ask(`-target-select remote ${debuggee.socket}`)).toBe('^connected');
  const stopped = gdb.before.find((line) => line.startsWith('*stopped')) ?? (await gdb.stop());
  expect(stopped).not.toContain('reason=');
  expect(await gdb.ask('-thread-info')).toContain('current-thread-id="1"');
  expect(await gdb.ask('-stack-list-frames 0 1000')).toContain('func="_start"');
  expect(await gdb.move('-exec-continue')).toMatch(/reason="breakpoint-hit",disp="keep",bkptno="1".*func="main".*thread-id="1"/);
  expect(await gdb.ask('-break-delete 1')).toBe('^done');
  return gdb;
}

/** A command of the debug console: `-exec COMMAND`. */
const typed = (command: string): string => `-interpreter-exec console "${command}"`;

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

  it("debugs a live run with the commands of VS Code's C/C++ extension", async () => {
    const program = programOf('values');
    const debuggee = new Debuggee(tests.everystep, tests.newSocket(), [program]);
    const gdb = await launch(debuggee, program);
    const [file] = /[^"]*values\.c/.exec(await gdb.ask('-stack-list-frames 0 1000')) ?? [''];
    const inserted = await gdb.ask(`-break-insert -f ${file}:16`);
    expect(inserted).toContain('number="2"');
    expect(await gdb.ask(`-break-insert -f -c "x == 2" add`)).toContain('cond="x == 2"');
    expect(await gdb.move('-exec-continue')).toMatch(/reason="breakpoint-hit".*bkptno="2".*func="add"/);
    // What the views show.
    expect(await gdb.ask('-thread-info 1')).toContain('state="stopped"');
    expect(await gdb.ask('-stack-info-depth 1000')).toBe('^done,depth="2"');
    expect(await gdb.ask('-stack-list-arguments 0 0 1')).toMatch(/level="0",args=\[name="x",name="y"\]/);
    expect(await gdb.ask('-stack-list-variables 0')).toMatch(/name="x",arg="1".*name="local"/);
    expect(await gdb.ask('-var-create - * "pair"')).toMatch(/name="var1",numchild="2"/);
    expect(await gdb.ask('-var-list-children --simple-values "var1" 0 1000')).toMatch(/exp="a".*value="1".*exp="b".*value="2"/);
    expect(await gdb.ask('-var-set-format var1.a hexadecimal')).toContain('value="0x1"');
    expect(await gdb.ask('-var-show-attributes var1.a')).toContain('editable');
    expect(await gdb.ask('-var-assign var1.b "7"')).toBe('^done,value="7"');
    expect(await gdb.ask('-var-delete var1')).toContain('^done');
    expect(await gdb.ask('-data-list-register-names')).toContain('"x0"');
    expect(await gdb.ask('-data-list-register-values x')).toMatch(/number="0",value="0x/);
    expect(await gdb.ask('-data-evaluate-expression "sizeof(pair)"')).toBe('^done,value="16"');
    expect(await gdb.ask('-stack-select-frame 1')).toBe('^done');
    expect(await gdb.ask('-stack-list-variables 0')).toContain('name="sum"');
    expect(await gdb.ask('-data-disassemble -s $pc -e $pc+8 -- 2')).toMatch(/asm_insns=\[\{address="0x[0-9a-f]+".*inst="/);
    expect(await gdb.ask('-data-read-memory-bytes &pair 16')).toContain('contents="01000000000000000700000000000000"');
    expect(await gdb.ask('-stack-select-frame 0')).toBe('^done');
    expect(placeIn(await gdb.move('-exec-next'))).toBe('add:17');
    expect(placeIn(await gdb.move('-exec-step-instruction'))).toMatch(/^add:/);
    expect(await gdb.move('-exec-finish')).toContain('reason="function-finished"');
    await gdb.ask('-break-delete 2');
    expect(await gdb.move('-exec-continue')).toMatch(/reason="breakpoint-hit".*bkptno="3".*name="x",value="2"/);
    // Break on value change.
    const [address] = /0x[0-9a-f]+/.exec(await gdb.ask('-data-evaluate-expression "&counter"')) ?? [''];
    expect(await gdb.ask(`-break-watch *(int*)(${address})`)).toContain('wpt={number="4"');
    expect(await gdb.move('-exec-continue')).toMatch(/reason="watchpoint-trigger",wpt=\{number="4".*old="0",new="1".*func="bump"/);
    expect(await gdb.ask(typed('info symbol $pc'))).toBe('^done');
    expect(gdb.before.join('')).toContain('bump');
    await gdb.ask('kill');
    await gdb.exit();
    await debuggee.ended;
  });

  it("pauses a live run with the commands of VS Code's C/C++ extension", async () => {
    const program = programOf('spin');
    const debuggee = new Debuggee(tests.everystep, tests.newSocket(), [program]);
    const gdb = await launch(debuggee, program);
    expect(await gdb.ask('-exec-continue')).toBe('^running');
    expect(await gdb.ask('-exec-interrupt')).toBe('^done');
    // What the extension takes for its own doing.
    expect(await gdb.stop()).toMatch(/reason="signal-received",signal-name="SIGINT"/);
    await gdb.ask('kill');
    await gdb.exit();
    await debuggee.ended;
  });

  it("goes backwards with the commands of VS Code's debug console", async () => {
    const program = programOf('values');
    const recording = join(tests.folder, 'recording-console');
    tests.everystep.run(['record', '-o', recording, program]);
    const debuggee = new Debuggee(tests.everystep, tests.newSocket(), [recording], '', 'gdb');
    const gdb = await launch(debuggee, program);
    await gdb.ask('-break-insert -f bump');
    expect(await gdb.move('-exec-continue')).toMatch(/reason="breakpoint-hit".*func="bump"/);
    expect(await gdb.ask(typed('watch global'))).toBe('^done');
    const type = async (command: string): Promise<string> => {
      await gdb.ask(typed(command));
      return gdb.stop();
    };
    expect(await type('reverse-continue')).toMatch(/reason="watchpoint-trigger".*old="3",new="1".*func="add"/);
    await gdb.ask(typed('delete'));
    const written = await type('reverse-step');
    expect(written).toMatch(/reason="end-stepping-range".*func="add"/);
    expect(lineIn(await type('reverse-next'))).toBeLessThan(lineIn(written));
    expect(await type('reverse-finish')).toMatch(/func="main"/);
    expect(await type('next')).toMatch(/reason="end-stepping-range".*func="main"/);
    // The direction can be turned, so that the buttons go back.
    expect(await gdb.ask(typed('set exec-direction reverse'))).toBe('^done');
    expect(placeIn(await gdb.move('-exec-next'))).toMatch(/^main:/);
    // Without a reason: "Unknown stopping event".
    const toTheEnd = async (): Promise<void> => {
      expect(await gdb.move('-exec-continue')).not.toContain('reason=');
      expect(gdb.before).toContain('~"\\nNo more reverse-execution history.\\n"');
    };
    await toTheEnd();
    expect(await gdb.ask(typed('set exec-direction forward'))).toBe('^done');
    await toTheEnd();
    await gdb.ask('kill');
    await gdb.exit();
    await debuggee.ended;
  });
});
