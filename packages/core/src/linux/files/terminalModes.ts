import type { Host, HostHandle, TerminalSettings } from '../host.ts';

/** The modes that terminals had before guests changed them, for runs that end before the guests do. */
export class TerminalModes {
  private readonly before = new Map<HostHandle, TerminalSettings>();

  constructor(private readonly host: Host) {}

  /** A guest is going to change the terminal. */
  remember(handle: HostHandle): void {
    if (!this.before.has(handle)) this.before.set(handle, this.host.terminalSettings(handle));
  }

  /** Sets all terminals as they were before the first change. */
  restore(): void {
    for (const [handle, settings] of this.before) this.host.setTerminalSettings(handle, settings, 0);
    this.before.clear();
  }
}
