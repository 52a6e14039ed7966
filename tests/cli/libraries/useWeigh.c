/* Calls a library that it is linked with three times; with an argument, executes itself once before. */
#include <stdio.h>
#include <unistd.h>
int weigh(const char *text);

int main(int argc, char **argv) {
  if (argc > 1) execl(argv[0], argv[0], (char *)0);
  printf("%d\n", weigh("ab") + weigh("cde") + weigh("f"));
  return 0;
}
