/* Says of each file that is named whether it can be read.
   build: -O1 -static */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) puts(open(argv[i], O_RDONLY) >= 0 ? "read" : strerror(errno));
  return 0;
}
