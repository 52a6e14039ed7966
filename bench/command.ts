import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

const LARGEST_OUTPUT = 1 << 30;

/** How a command is run. */
interface Surroundings {
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** Runs a command. @returns what it printed @throws Error if its status is not 0 */
export function outputOf(command: readonly string[], { cwd, env }: Surroundings = {}): Buffer {
  const [name = '', ...args] = command;
  const { status, signal, stdout, stderr, error } = spawnSync(name, args, { cwd, env, maxBuffer: LARGEST_OUTPUT, stdio: ['ignore', 'pipe', 'pipe'] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command.join(' ')}: ${status === null ? signal : `status ${status}`}: ${stderr.toString('latin1').trim()}`);
  return stdout;
}

export const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

export const hasHostCompiler = (): boolean => spawnSync('cc', ['--version']).status === 0;

/** The emulator that everything is compared with; its default CPU has SVE and pointer authentication, which make it slow. */
export const QEMU: readonly string[] = ['qemu-aarch64', '-cpu', 'cortex-a57'];
