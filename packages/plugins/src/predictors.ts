/** A model of how a CPU guesses whether a conditional branch is taken. */
export interface Predictor {
  /** Guesses, then learns. @param isBackward whether the branch's target lies before it @returns the guess */
  guess(pc: number, taken: boolean, isBackward: boolean): boolean;
}

/** A table of two-bit counters: 0 and 1 guess not taken, 2 and 3 taken. */
class CounterTable {
  private readonly counters: Uint8Array;
  private readonly mask: number;

  constructor(bits: number) {
    this.counters = new Uint8Array(2 ** bits).fill(1);
    this.mask = 2 ** bits - 1;
  }

  guess(at: number, taken: boolean): boolean {
    const index = at & this.mask;
    const counter = this.counters[index];
    this.counters[index] = taken ? Math.min(counter + 1, 3) : Math.max(counter - 1, 0);
    return counter >= 2;
  }
}

/** Backward branches are loops, and taken. */
class Static implements Predictor {
  guess(_: number, __: boolean, isBackward: boolean): boolean {
    return isBackward;
  }
}

class Taken implements Predictor {
  guess(): boolean {
    return true;
  }
}

/** A counter for each branch. */
class Bimodal implements Predictor {
  private readonly table: CounterTable;

  constructor(bits: number) {
    this.table = new CounterTable(bits);
  }

  guess(pc: number, taken: boolean): boolean {
    return this.table.guess(pc / 4, taken);
  }
}

/** A counter for each branch and each recent history of all branches (McFarling 1993). */
class Gshare implements Predictor {
  private readonly table: CounterTable;
  private history = 0;

  constructor(private readonly bits: number) {
    this.table = new CounterTable(bits);
  }

  guess(pc: number, taken: boolean): boolean {
    const guess = this.table.guess((pc / 4) ^ this.history, taken);
    this.history = ((this.history << 1) | Number(taken)) & (2 ** this.bits - 1);
    return guess;
  }
}

/** Both, and a counter for each branch that tells which of them to believe. */
class Tournament implements Predictor {
  private readonly bimodal: Bimodal;
  private readonly gshare: Gshare;
  private readonly choice: Uint8Array;

  constructor(bits: number) {
    this.bimodal = new Bimodal(bits);
    this.gshare = new Gshare(bits);
    this.choice = new Uint8Array(2 ** bits).fill(1);
  }

  guess(pc: number, taken: boolean): boolean {
    const local = this.bimodal.guess(pc, taken);
    const global = this.gshare.guess(pc, taken);
    const index = (pc / 4) & (this.choice.length - 1);
    const believed = this.choice[index];
    if (local !== global) this.choice[index] = global === taken ? Math.min(believed + 1, 3) : Math.max(believed - 1, 0);
    return believed >= 2 ? global : local;
  }
}

export const PREDICTORS = ['taken', 'static', 'bimodal', 'gshare', 'tournament'] as const;

/** @param bits of the index into its tables, 1 to 24 */
export function createPredictor(name: (typeof PREDICTORS)[number], bits: number): Predictor {
  switch (name) {
    case 'taken':
      return new Taken();
    case 'static':
      return new Static();
    case 'bimodal':
      return new Bimodal(bits);
    case 'gshare':
      return new Gshare(bits);
    case 'tournament':
      return new Tournament(bits);
  }
}
