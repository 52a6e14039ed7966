import { getSystemErrorMap } from 'node:util';

/** The error's name (ENOENT), if it is one of the host's. */
export function hostErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
}

/** The host's words for an error of its own: "no such file or directory". */
export function hostErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = 'errno' in error ? getSystemErrorMap().get(Number(error.errno)) : undefined;
  return known?.[1] ?? error.message;
}
