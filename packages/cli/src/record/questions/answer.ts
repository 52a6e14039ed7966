import { writeAll } from '../../host/writing.ts';
import { hostErrorCode } from '../../log/hostError.ts';
import { BrokenPipe } from '../../log/logFile.ts';
import type { Progress } from '../../trace/progress.ts';

const BUFFER = 1 << 16;
const STDOUT = 1;
/** What has been found waits no longer than that, in milliseconds, while more is looked for. */
const PATIENCE = 200;

/** Lines of an answer, on standard output. */
export class Answer {
  private text = '';
  private shownAt = 0;

  /** @param progress a line on the terminal that must go before others come */
  constructor(private readonly progress?: Pick<Progress, 'clear'>) {}

  line(text: string): void {
    this.text += `${text}\n`;
    if (this.text.length >= BUFFER) this.flush();
  }

  json(value: object): void {
    this.line(JSON.stringify(value));
  }

  /** Shows what there is, unless that was done a moment ago: whoever waits sees it, and may have seen enough. @throws BrokenPipe */
  show(): void {
    if (this.text !== '' && performance.now() - this.shownAt > PATIENCE) this.flush();
  }

  /** @throws BrokenPipe if nobody reads it any more */
  flush(): void {
    const { text } = this;
    this.text = '';
    this.shownAt = performance.now();
    this.progress?.clear();
    try {
      writeAll(STDOUT, Buffer.from(text));
    } catch (error) {
      throw hostErrorCode(error) === 'EPIPE' ? new BrokenPipe() : error;
    }
  }
}
