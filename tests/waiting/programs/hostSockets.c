/* Standard output that is a socket of the host's, as it is for programs that Node starts.
   build: -O1 -static */
#include "told.h"
#include <sys/socket.h>
#include <sys/stat.h>

int main(void) {
  struct stat s;
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  int type = 0;
  fstat(1, &s);
  printf("%d\n", S_ISSOCK(s.st_mode));
  printf("%d %d\n", getsockname(1, (struct sockaddr *)&name, &length), length);
  printf("%d\n", name.ss_family);
  length = sizeof name;
  printf("%d\n", getpeername(1, (struct sockaddr *)&name, &length));
  length = sizeof type;
  printf("%d %d\n", getsockopt(1, SOL_SOCKET, SO_TYPE, &type, &length), type);
  printf("%d\n", getsockname(0, (struct sockaddr *)&name, &length));
  return 0;
}
