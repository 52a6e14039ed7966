/* Extended attributes of files that have none.
   build: -O1 -static */
#include "told.h"

int main(int argc, char **argv) {
  makeTree();
  struct stat s;
  char b[100];
  int fd = open("a/f", O_RDONLY);
  T(getxattr("a/f", "user.x", b, 10));
  T(getxattr("a/f", "bad", b, 10));
  T(getxattr("none", "user.x", b, 10));
  T(lgetxattr("a/l", "security.selinux", b, 10));
  T(fgetxattr(99, "user.x", b, 10));
  T(listxattr("a/f", b, 10));
  T(flistxattr(fd, b, 10));
  T(llistxattr("none", b, 10));
  T(getxattr("a/f", "", b, 10));
  T(removexattr("a/f", "user.q"));
  T(getxattr("a/f", "system.posix_acl_access", b, 10));
  chdir("..");
  return 0;
}
