import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Job, Report } from './page/protocol.ts';

const PAGE = '<!doctype html><meta charset="utf-8"><title>everystep</title><script src="/page.js"></script>';

/** What pages need that want to share memory with their workers. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** The page asks anew after this many milliseconds without a job. */
const PATIENCE = 20_000;

interface Pending {
  readonly job: Job;
  readonly file: Uint8Array;
  resolve(report: Report): void;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/** Gives a page in a browser programs to run, one at a time. */
export class PageServer {
  private readonly server: Server;
  /** What the page is to run, or runs. */
  private pending: Pending | undefined;
  private isTaken = false;
  /** The page's question for a job, while there is none. */
  private waiting: ServerResponse | undefined;

  /** @param folder of page.js and worker.js */
  constructor(private readonly folder: string) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** Starts to listen, on this machine only. @returns the page's address */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** Has the page do a job with a file, whose address it is given. One at a time. */
  run(file: Uint8Array, jobAt: (url: string) => Job): Promise<Report> {
    return new Promise((resolve) => {
      this.pending = { job: jobAt('/file'), file, resolve };
      this.isTaken = false;
      this.offer();
    });
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private offer(): void {
    if (this.pending === undefined || this.waiting === undefined || this.isTaken) return;
    this.isTaken = true;
    this.waiting.writeHead(200, { ...ISOLATION, 'Content-Type': 'application/json' }).end(JSON.stringify(this.pending.job));
    this.waiting = undefined;
  }

  private await(response: ServerResponse): void {
    this.waiting = response;
    const timer = setTimeout(() => {
      if (this.waiting !== response) return;
      this.waiting = undefined;
      response.writeHead(204, ISOLATION).end();
    }, PATIENCE);
    response.on('close', () => clearTimeout(timer));
    this.offer();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (type: string, body: string | Uint8Array): void => void response.writeHead(200, { ...ISOLATION, 'Content-Type': type }).end(body);
    switch (request.url) {
      case '/':
        return send('text/html', PAGE);
      case '/page.js':
      case '/worker.js':
        return send('text/javascript', readFileSync(join(this.folder, request.url)));
      case '/file':
        return send('application/octet-stream', this.pending?.file ?? '');
      case '/job':
        return this.await(response);
      case '/report': {
        const report = JSON.parse(await bodyOf(request)) as Report;
        send('text/plain', '');
        const { pending } = this;
        this.pending = undefined;
        pending?.resolve(report);
        return;
      }
      default:
        response.writeHead(404, ISOLATION).end();
    }
  }
}
