import { Errno, LinuxError, type TerminalSettings } from '@everystep/core';

/** Control characters of Linux's struct termios. */
const CONTROL_CHARACTERS = 19;

/** Runs stty on a terminal: Node itself cannot read or set its modes. @throws LinuxError ENOTTY if that fails */
function stty(fd: number, ...args: string[]): string {
  // Loaded when needed, as it takes milliseconds that every start would pay.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const result = spawnSync('stty', args, { stdio: [fd, 'pipe', 'ignore'], encoding: 'latin1' });
  if (result.status !== 0) throw new LinuxError(Errno.ENOTTY);
  return result.stdout.trim();
}

/** The modes as `stty -g` prints them: four words of flags and all control characters, in hexadecimal. */
const savedModes = (fd: number): number[] =>
  stty(fd, '-g')
    .split(':')
    .map((word) => Number.parseInt(word, 16));

export function readTerminal(fd: number): TerminalSettings {
  const [inputFlags, outputFlags, controlFlags, localFlags, ...characters] = savedModes(fd);
  return { inputFlags, outputFlags, controlFlags, localFlags, controlCharacters: Uint8Array.from(characters.slice(0, CONTROL_CHARACTERS)) };
}

export function writeTerminal(fd: number, settings: TerminalSettings): void {
  const characters = savedModes(fd).slice(4);
  settings.controlCharacters.forEach((character, i) => {
    characters[i] = character;
  });
  const words = [settings.inputFlags, settings.outputFlags, settings.controlFlags, settings.localFlags, ...characters];
  stty(fd, words.map((word) => word.toString(16)).join(':'));
}

export function terminalSize(fd: number): { readonly rows: number; readonly columns: number } {
  const [rows, columns] = stty(fd, 'size').split(' ').map(Number);
  return { rows, columns };
}

export function setTerminalSize(fd: number, { rows, columns }: { readonly rows: number; readonly columns: number }): void {
  stty(fd, 'rows', `${rows}`, 'cols', `${columns}`);
}
