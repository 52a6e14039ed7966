import { closeSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { packJournal, UserError } from '@everystep/core';
import { writeAll } from '../host/writing.ts';
import { hostErrorCode, hostErrorText } from '../log/hostError.ts';
import { parseOperand } from '../options/parseOperands.ts';
import { openTimeline } from '../record/openTimeline.ts';
import { symbolFiles } from '../record/pack/symbolFiles.ts';
import { openRecording, PACKING } from '../record/recordingFolder.ts';
import { withHelp } from '../record/subcommandOptions.ts';
import { openOutput } from '../trace/outputFile.ts';
import { readableSize } from '../trace/progress.ts';

interface PackSettings {
  output: string | undefined;
  compression: keyof typeof PACKING;
  makesIndex: boolean;
}

const OPTIONS = withHelp<PackSettings>(
  [
    'usage: everystep pack [options] RECORDING',
    '',
    'Makes one file of a recording, that all commands take in its place, on any machine: with the files of the programs and',
    'libraries that ran, so that their code has its names and source lines there, and compressed more strongly.',
  ],
  [
    {
      names: ['o', 'output'],
      argument: 'file',
      equals: true,
      group: 'Output',
      help: 'write to file (default: RECORDING.everystep)',
      state: 'done',
      apply: (s, value) => {
        s.output = value;
      },
    },
    {
      names: ['compression'],
      argument: 'name',
      equals: true,
      group: 'Output',
      help: 'brotli, which is the default, or deflate: larger, for replay in browsers',
      state: 'done',
      apply: (s, value) => {
        if (value !== 'brotli' && value !== 'deflate') throw new UserError(`there is no compression '${value}'; there are brotli and deflate`);
        s.compression = value;
      },
    },
    {
      names: ['index'],
      group: 'Output',
      help: 'make the index, too, which the first question makes otherwise: FILE.index, to be kept beside FILE',
      state: 'done',
      apply: (s) => {
        s.makesIndex = true;
      },
    },
  ],
  ['Examples:', '  everystep pack -o crash.everystep crash.recording', '  everystep replay crash.everystep'],
);

const STATUS_FAILED = 1;

/**
 * `everystep pack`: makes one file of a recording.
 * @param argv what follows `pack`
 * @returns the exit status
 */
export async function packCommand(argv: readonly string[]): Promise<number> {
  const settings: PackSettings = { output: undefined, compression: 'brotli', makesIndex: false };
  const path = parseOperand('everystep pack', 'recording', OPTIONS, settings, argv);
  if (path === undefined) return 0;
  const journal = openRecording(path);
  const output = settings.output ?? `${path.replace(/\/+$/, '')}.everystep`;
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory() === true) throw new UserError(`-o: '${output}' is a folder: name a file`);
  const files = symbolFiles(journal, path, (line) => tell(line));
  // The recording itself may be what is replaced.
  const partial = `${output}.part`;
  const { fd } = openOutput(partial);
  try {
    let bytes = 0;
    const write = (part: Uint8Array): void => {
      writeAll(fd, part);
      bytes += part.length;
    };
    packJournal(journal, { compression: PACKING[settings.compression], compressionName: settings.compression, files, write });
    closeSync(fd);
    renameSync(partial, output);
    tell(`packed ${path} and ${files.length} ${files.length === 1 ? 'file' : 'files'} of programs into ${output} (${readableSize(bytes)})`);
  } catch (error) {
    rmSync(partial, { force: true });
    if (hostErrorCode(error) === undefined) throw error;
    tell(`cannot write '${output}': ${hostErrorText(error)}`);
    return STATUS_FAILED;
  }
  if (journal.end === undefined) tell(`${path} is incomplete: whoever made it was interrupted; so is ${output}`);
  if (settings.makesIndex) await openTimeline(output);
  return 0;
}

function tell(line: string): void {
  writeSync(2, `everystep: ${line}\n`);
}
