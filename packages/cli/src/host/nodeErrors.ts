import { Errno, errnoByName, LinuxError } from '@everystep/core';

/** What Node calls a failure of its own, and Linux's number for it. */
const NODE_ERRORS: Readonly<Record<string, number>> = {
  ERR_INVALID_ARG_VALUE: Errno.EINVAL,
  ERR_OUT_OF_RANGE: Errno.EINVAL,
  ERR_FS_FILE_TOO_LARGE: Errno.EFBIG,
  ERR_BUFFER_OUT_OF_BOUNDS: Errno.EFAULT,
};

/** Linux's number of an error that Node's file functions throw; undefined for any other error. */
export function errnoOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return errnoByName(error.code) ?? NODE_ERRORS[error.code];
}

/** Does `operation`, and throws its failure as LinuxError. */
export function asLinux<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    throw new LinuxError(errno);
  }
}
