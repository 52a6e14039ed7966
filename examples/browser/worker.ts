import { runProgram } from './runProgram.ts';

/** What the page asks for. */
export interface Question {
  readonly program: Uint8Array;
  readonly argv: readonly string[];
  readonly plugins: readonly string[];
}

addEventListener('message', ({ data: { program, argv, plugins } }: MessageEvent<Question>) => {
  try {
    const { status, output, log, files } = runProgram(program, argv, plugins);
    postMessage({ text: `exit status ${status}\n\n${output}\n${log}`, files });
  } catch (error) {
    postMessage({ text: String(error), files: new Map() });
  }
});
