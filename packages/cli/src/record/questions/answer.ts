import { hostErrorCode } from '../../log/hostError.ts';
import { BrokenPipe } from '../../log/logFile.ts';
import { writeAll } from '../../trace/outputFile.ts';

const BUFFER = 1 << 16;
const STDOUT = 1;

/** Lines of an answer, on standard output. */
export class Answer {
  private text = '';

  line(text: string): void {
    this.text += `${text}\n`;
    if (this.text.length >= BUFFER) this.flush();
  }

  json(value: object): void {
    this.line(JSON.stringify(value));
  }

  /** @throws BrokenPipe if nobody reads it any more */
  flush(): void {
    const { text } = this;
    this.text = '';
    try {
      writeAll(STDOUT, Buffer.from(text));
    } catch (error) {
      throw hostErrorCode(error) === 'EPIPE' ? new BrokenPipe() : error;
    }
  }
}
