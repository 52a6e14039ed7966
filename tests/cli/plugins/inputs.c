// build: -g -O1 -static
// args: key7
//
// Values that depend on some bytes of its arguments and of standard input.
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

volatile int sink;

/** The first argument depends on two bytes of input, the second on none. */
APART void look(int value, int other) { sink = value + other; }

APART int number(const char *text) {
  int n = 0;
  for (int i = 0; i < 2; i++) n = n * 10 + (text[i] - '0');
  return n;
}

int main(int argc, char **argv) {
  char buffer[8];
  if (read(0, buffer, 8) != 8) return 1;
  look(number(buffer + 2), 5);
  look(buffer[0] << 8 | (unsigned char)argv[1][3], argc);
  char copy[4] = {buffer[6], 'x', buffer[7], argv[1][0]};
  if (copy[0] == 'g') sink++;
  write(1, copy, 4);
  return 0;
}
