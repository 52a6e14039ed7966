import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingQuestion } from '../../examples/browser/replayRecording.ts';
import { outputOf } from '../command.ts';
import { cpuTimeOf } from '../processTree.ts';
import { type Browser, commandOf } from './browsers.ts';
import type { Job, Outcome, Report } from './page/protocol.ts';
import { PageServer } from './server.ts';

/** The most that is kept of what a browser complains about. */
const LONGEST_ERRORS = 4000;

/** A browser with a page that runs guests in a worker. */
export class BrowserSession {
  private agent = '';
  private errors = '';
  /** Settled once the browser has ended by itself. */
  private readonly ended: Promise<never>;

  private constructor(
    private readonly server: PageServer,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-LONGEST_ERRORS);
    });
    this.ended = new Promise((_resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => reject(new Error(`the browser ended (${signal ?? code}): ${this.errors}`)));
    });
    // Whoever runs something is told.
    this.ended.catch(() => {});
  }

  /** Starts a browser with the page. */
  static async start(browser: Browser): Promise<BrowserSession> {
    const folder = mkdtempSync(join(tmpdir(), 'everystep-browser-'));
    const scripts = join(folder, 'scripts');
    outputOf([process.execPath, 'scripts/browserBundle.mjs', scripts]);
    const server = new PageServer(scripts);
    const [command = '', ...args] = commandOf(browser, mkdtempSync(join(folder, 'profile-')), await server.listen());
    // It is many processes, which are to be ended together.
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true, env: { ...process.env, HOME: folder } });
    return new BrowserSession(server, child, folder);
  }

  /** What the browser calls itself, known from its first run on. */
  get userAgent(): string {
    return this.agent;
  }

  /** Seconds of CPU time that all of the browser has had. */
  get cpuTime(): { readonly user: number; readonly system: number } {
    return cpuTimeOf(this.child.pid ?? 0);
  }

  /**
   * Runs a program in a worker of its own.
   * @param timeout in seconds, the browser's start included
   * @param plugins as -plugin has them
   * @throws Error if it does not end with an exit status
   */
  async run(
    program: Uint8Array,
    argv: readonly string[],
    timeout = 300,
    plugins: readonly string[] = [],
  ): Promise<Extract<Outcome, { readonly kind: 'ended' }>> {
    const outcome = await this.job(program, (url) => ({ kind: 'program', url, argv, plugins }), timeout);
    if (outcome.kind !== 'ended') throw new Error(`instead of running the program, the page has ${outcome.kind} it`);
    return outcome;
  }

  /**
   * Replays a recording in a worker of its own, and asks it.
   * @param timeout in seconds, the browser's start included
   * @throws Error if that fails
   */
  async replay(recording: Uint8Array, questions: readonly RecordingQuestion[], timeout = 300): Promise<Extract<Outcome, { readonly kind: 'replayed' }>> {
    const outcome = await this.job(recording, (url) => ({ kind: 'recording', url, questions }), timeout);
    if (outcome.kind !== 'replayed') throw new Error(`instead of replaying the recording, the page has ${outcome.kind} it`);
    return outcome;
  }

  private async job(file: Uint8Array, jobAt: (url: string) => Job, timeout: number): Promise<Exclude<Outcome, { readonly kind: 'failed' }>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`the browser has not answered for ${timeout} s: ${this.errors}`)), timeout * 1000);
    });
    try {
      const { userAgent, outcome }: Report = await Promise.race([this.server.run(file, jobAt), this.ended, late]);
      this.agent = userAgent;
      if (outcome.kind === 'failed') throw new Error(outcome.message);
      return outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the browser, and removes what it stored. */
  async close(): Promise<void> {
    const { child, server, folder } = this;
    const isRunning = child.exitCode === null && child.signalCode === null;
    const gone = isRunning ? new Promise((resolve) => child.once('exit', resolve)) : undefined;
    if (isRunning && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await gone;
    server.close();
    // Processes that are just ending may still write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
