import { writeSync } from 'node:fs';
import { UserError } from '@everystep/core';
import { debugRecording } from '../debug/debugRecording.ts';
import { parseDebugAddress } from '../options/debugAddress.ts';
import { defaultRunSettings, type OptionRow, optionHelp, parseOptions, type RunSettings, runOptions } from '../options/index.ts';
import { isRecording } from '../record/recordingFolder.ts';
import { runGuest } from './run.ts';

/** QEMU's examples have it. */
const DEFAULT_PORT = '1234';

function gdbHelp(rows: readonly OptionRow<RunSettings>[]): string {
  return [
    'usage: everystep gdb [options] PROGRAM [arguments]',
    '       everystep gdb [-g address] RECORDING',
    '',
    `Waits for gdb before the program's first instruction, on port ${DEFAULT_PORT} of this computer unless -g says where. With gdb-multiarch:`,
    '',
    `  target remote :${DEFAULT_PORT}`,
    '',
    'A recording (everystep record) goes backwards, too: reverse-step, reverse-next, reverse-finish, reverse-continue.',
    "The program's input and output stay where everystep was started. The options are those of 'everystep run':",
    '',
    optionHelp(rows),
    'Examples:',
    '  everystep gdb ./hello',
    '  everystep gdb recording',
    '  everystep gdb -g 0 -L ~/debian-arm64 ~/debian-arm64/usr/bin/python3 script.py',
    '',
  ].join('\n');
}

/**
 * `everystep gdb`: runs a program under a debugger.
 * @param argv what follows `gdb`
 * @returns the exit status
 */
export async function gdbCommand(argv: readonly string[]): Promise<number> {
  const settings = defaultRunSettings();
  settings.debugAddress = parseDebugAddress(DEFAULT_PORT);
  const parsed = parseOptions('everystep gdb', runOptions(gdbHelp), settings, argv, process.env);
  if (parsed.kind === 'print') {
    writeSync(1, parsed.text);
    return 0;
  }
  if (parsed.rest.length === 0) throw new UserError('no program given (everystep gdb -h shows how)');
  const [first, ...more] = parsed.rest;
  if (more.length === 0 && isRecording(first)) return debugRecording(first, settings.debugAddress);
  return runGuest(settings, parsed.rest, true);
}
