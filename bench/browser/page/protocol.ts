/** A program to run; the browser gets it as JSON, and the program's bytes from `url`. */
export interface Job {
  readonly url: string;
  readonly argv: readonly string[];
  /** As -plugin has them. */
  readonly plugins: readonly string[];
}

/** What came of it. */
export type Outcome =
  | {
      readonly kind: 'ended';
      readonly status: number;
      /** What it wrote to standard output, a character a byte. */
      readonly output: string;
      /** What plugins wrote to the log. */
      readonly log: string;
      /** From before its process is made until its end; neither loading the engine nor fetching the program is in it. */
      readonly seconds: number;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** What the page tells of itself and of the program that it ran. */
export interface Report {
  readonly userAgent: string;
  readonly outcome: Outcome;
}
