import net from 'node:net';

/** A debugger that says exactly what a test wants it to. */
export class Client {
  private received = '';
  private waiting: (() => void) | undefined;

  private constructor(private readonly socket: net.Socket) {
    socket.on('data', (data) => {
      this.received += data.toString('latin1');
      this.waiting?.();
    });
    socket.on('close', () => this.waiting?.());
  }

  static async connect(at: string | { readonly host: string; readonly port: number }): Promise<Client> {
    const socket = typeof at === 'string' ? net.connect(at) : net.connect(at);
    await new Promise((resolve, reject) => {
      socket.on('connect', resolve);
      socket.on('error', reject);
    });
    return new Client(socket);
  }

  write(text: string): void {
    this.socket.write(Buffer.from(text, 'latin1'));
  }

  /** Sends a packet. @returns the reply's payload, as it stands in its packet */
  async ask(payload: string): Promise<string> {
    const sum = [...payload].reduce((total, each) => (total + each.charCodeAt(0)) & 0xff, 0);
    this.write(`$${payload}#${sum.toString(16).padStart(2, '0')}`);
    return this.reply();
  }

  async reply(): Promise<string> {
    const [, payload] = await this.until(/\$([^#]*)#../);
    this.write('+');
    return payload;
  }

  /** Waits for something, and forgets what came up to its end. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.received);
      if (found !== null) {
        this.received = this.received.slice(found.index + found[0].length);
        return found;
      }
      if (this.socket.destroyed) throw new Error(`the connection was closed behind ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => {
        this.waiting = resolve;
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }
}
