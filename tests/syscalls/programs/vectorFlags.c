/* preadv2 and pwritev2 with flags, and fchmodat2. QEMU has no such calls.
   build: -O1 -static */
#include "told.h"

#define FCHMODAT2 452
#define RWF_APPENDING 0x10

int main(void) {
  struct iovec part = {"xyz", 3};
  int f = open("f", O_RDWR | O_CREAT, 0600);
  int wrong = 0;
  wrong |= syscall(SYS_pwritev2, f, &part, 1, -1L, 0, 0) != 3;
  wrong |= syscall(SYS_pwritev2, f, &part, 1, 0L, 0, RWF_APPENDING) != 3;
  wrong |= lseek(f, 0, SEEK_CUR) != 3;
  wrong |= lseek(f, 0, SEEK_END) != 6;
  symlink("f", "l");
  wrong |= syscall(FCHMODAT2, AT_FDCWD, "f", 0640, 0) != 0;
  wrong |= syscall(FCHMODAT2, AT_FDCWD, "l", 0640, AT_SYMLINK_NOFOLLOW) == 0 || errno != EOPNOTSUPP;
  return wrong;
}
