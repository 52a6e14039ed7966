import { statSync } from 'node:fs';
import type { Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** How often a lock that another process has is tried for, in milliseconds. */
const RETRY = 200;

/**
 * What one process at a time has of a folder: a name among Linux's abstract sockets, which goes with its process however that ends. On
 * other systems, which have none, everybody has it: what needs no more than sparing work.
 */
export class FolderLock {
  private constructor(private readonly server: Server | undefined) {}

  /** @param waits for whoever has it @returns undefined if another process has it */
  static async take(folder: string, waits: boolean): Promise<FolderLock | undefined> {
    const { dev, ino } = statSync(folder);
    const name = `\0everystep-cache-${dev}-${ino}`;
    for (;;) {
      const answer = await listen(name);
      if (answer !== 'taken') return new FolderLock(answer === 'impossible' ? undefined : answer);
      if (!waits) return undefined;
      await setTimeout(RETRY);
    }
  }

  release(): void {
    this.server?.close();
  }
}

function listen(name: string): Promise<Server | 'taken' | 'impossible'> {
  const { createServer } = process.getBuiltinModule('node:net');
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE' ? 'taken' : 'impossible'));
    server.listen(name, () => resolve(server));
  });
}
