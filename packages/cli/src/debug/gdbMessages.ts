/** What the thread of the guest tells the worker that has the socket. */
export type GdbRequest = { readonly kind: 'send'; readonly payload: Uint8Array } | { readonly kind: 'close' };

/** What the worker tells. */
export type GdbEvent =
  | { readonly kind: 'listening'; readonly port: number | undefined }
  | { readonly kind: 'failed'; readonly code: string }
  | { readonly kind: 'connected' }
  | { readonly kind: 'packet'; readonly payload: Uint8Array }
  | { readonly kind: 'closed' };

/** Words in shared memory. */
export const Shared = {
  /** One more than packets had come before the last ^C: it may come at once behind a packet that has not been looked at. 0: none has come. */
  interrupt: 0,
  /** Not 0 once the debugger has gone. */
  gone: 1,
  /** Requests that the worker has not done yet. */
  pending: 2,
} as const;
export const SHARED_WORDS = 3;
