/** What the worker that opens a connection is given: `result` is [state, descriptor, 1 for who was there first], state 0 until it is known. */
export interface MeetTask {
  readonly path: string;
  readonly result: Int32Array;
}

/** `result[0]` */
export const Meeting = { pending: 0, met: 1, failed: 2 } as const;
