import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/** gdb as editors drive it: commands and records of its machine interface (gdb's manual, chapter 29). */
export class MiSession {
  private readonly gdb: ChildProcessWithoutNullStreams;
  private lines: string[] = [];
  private rest = '';
  private waiting: (() => void) | undefined;
  private token = 0;
  private isOver = false;
  /** Lines up to the record that was waited for last: what gdb has told its user, among others. */
  before: readonly string[] = [];

  constructor() {
    this.gdb = spawn('gdb-multiarch', ['-nx', '-q', '-i=mi']);
    this.gdb.stdout.setEncoding('latin1').on('data', (text: string) => {
      const lines = (this.rest + text).split('\n');
      this.rest = lines.pop() ?? '';
      this.lines.push(...lines);
      this.waiting?.();
    });
    this.gdb.on('close', () => {
      this.isOver = true;
      this.waiting?.();
    });
  }

  /** Sends a command. @returns its result record, without the token: `^done,...` */
  async ask(command: string): Promise<string> {
    this.token++;
    this.gdb.stdin.write(`${this.token}${command}\n`);
    const prefix = `${this.token}^`;
    return (await this.until((line) => line.startsWith(prefix))).slice(prefix.length - 1);
  }

  /** Sends a command that lets the program run. @returns the record that says why it has stopped: `*stopped,...` */
  async move(command: string): Promise<string> {
    const result = await this.ask(command);
    if (!result.startsWith('^running')) throw new Error(`${command}: ${result}`);
    return this.stop();
  }

  /** The record that says why the program has stopped, once it has. */
  stop(): Promise<string> {
    return this.until((line) => line.startsWith('*stopped'));
  }

  private async until(isWanted: (line: string) => boolean): Promise<string> {
    for (;;) {
      const at = this.lines.findIndex(isWanted);
      if (at >= 0) {
        this.before = this.lines.splice(0, at + 1);
        return this.before[at];
      }
      if (this.isOver) throw new Error(`gdb has ended behind ${this.lines.join('\n')}`);
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
  }

  async exit(): Promise<void> {
    this.gdb.stdin.write('-gdb-exit\n');
    while (!this.isOver)
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
  }
}
