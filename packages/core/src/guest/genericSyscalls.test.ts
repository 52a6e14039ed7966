import { expect, it } from 'vitest';
import { genericSyscalls } from './genericSyscalls.ts';

it('names the calls by their numbers', () => {
  const names = genericSyscalls();
  const numbers = [0, 29, 56, 63, 64, 94, 134, 214, 222, 243, 260, 278, 291, 293, 294, 424, 439, 452];
  expect(numbers.map((n) => names.get(n))).toEqual(
    'io_setup ioctl openat read write exit_group rt_sigaction brk mmap recvmmsg wait4 getrandom statx rseq kexec_file_load pidfd_send_signal faccessat2 fchmodat2'.split(
      ' ',
    ),
  );
  expect(names.get(244)).toBeUndefined();
  expect(new Set(names.values()).size).toBe(names.size);
});
