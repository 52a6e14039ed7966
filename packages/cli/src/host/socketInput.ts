/** What the worker is asked: to read of a descriptor until something has come. */
export interface InputRequest {
  readonly kind: 'look';
  readonly fd: number;
}

/** What the worker tells of a descriptor. */
export type InputEvent =
  /** Something has come; no bytes are the end. */
  | { readonly kind: 'input'; readonly fd: number; readonly data: Uint8Array }
  /** All that was there when it was asked has been told. */
  | { readonly kind: 'looked'; readonly fd: number }
  /** Node cannot read it that way. */
  | { readonly kind: 'refused'; readonly fd: number };

/** How a descriptor's reader reaches the worker. */
export interface InputChannel {
  ask(request: InputRequest): void;
  /** Waits until something may have come, at most so many milliseconds. */
  await(milliseconds: number): void;
}

/** Longest wait for the worker's first word, in milliseconds. */
const PATIENCE = 5000;

/**
 * A socket that everystep was started with as a standard stream. Node can neither ask it for data nor open it again, so a
 * worker reads it: some of it ahead, as soon as somebody has asked whether there is something to read.
 */
export class SocketInput {
  private readonly pieces: Uint8Array[] = [];
  private state: 'idle' | 'asked' | 'watched' | 'refused' = 'idle';

  constructor(
    private readonly fd: number,
    private readonly channel: InputChannel,
  ) {}

  /** The worker has told something. */
  told(event: InputEvent): void {
    switch (event.kind) {
      case 'input':
        this.pieces.push(event.data);
        this.state = 'idle';
        break;
      case 'looked':
        if (this.state === 'asked') this.state = 'watched';
        break;
      case 'refused':
        this.state = 'refused';
        break;
    }
  }

  /**
   * The next piece; empty at the end.
   * @param timeout nanoseconds; undefined: for ever
   * @returns undefined if nothing has come; 'refused' where the worker cannot read it
   */
  next(timeout: bigint | undefined): Uint8Array | 'refused' | undefined {
    const begin = performance.now();
    const end = timeout === undefined ? Number.POSITIVE_INFINITY : begin + Number(timeout) / 1e6;
    this.channel.await(0);
    for (;;) {
      const piece = this.pieces[0];
      // The end stays.
      if (piece !== undefined) return piece.length === 0 ? piece : this.pieces.shift();
      if (this.state === 'refused') return 'refused';
      if (this.state === 'idle') {
        this.channel.ask({ kind: 'look', fd: this.fd });
        this.state = 'asked';
      }
      const now = performance.now();
      // Before it has looked, nobody knows.
      const until = this.state === 'asked' ? Math.max(end, begin + PATIENCE) : end;
      if (now >= until) return this.state === 'asked' ? 'refused' : undefined;
      this.channel.await(until - now);
    }
  }
}
