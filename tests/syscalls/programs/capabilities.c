/* capget and personality.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  struct __user_cap_header_struct ch = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct cd[2];
  T(syscall(SYS_capget, &ch, cd));
  ch.version = 1;
  T(syscall(SYS_capget, &ch, cd));
  printf("%x\n", ch.version);
  T(syscall(SYS_capget, &ch, 0));
  T(personality(0xffffffff));
  return 0;
}
