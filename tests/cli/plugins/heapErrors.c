// build: -g -O1 -fno-builtin -static -Wno-use-after-free
// build(Dynamic): -g -O1 -fno-builtin -Wno-use-after-free
// args: x
//
// One of each error that the heap plugin finds, and things that look like errors and are none.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

int *kept;
volatile int sink;

APART int readBehind(int *array, int n) { return array[n]; }

APART void writeBefore(char *text) { text[-1] = 0; }

APART int readFreed(int *number) {
  free(number);
  return *number;
}

APART void freeTwice(void) {
  char *text = malloc(40);
  free(text);
  free(text);
}

APART void lose(int n) {
  char *volatile text = malloc(n);
  text[0] = 0;
  text = NULL;
}

APART void decide(int *number) {
  if (number[2] == 5) sink++;
}

APART void look(unsigned char *index) { sink += "0123456789"[*index & 7]; }

APART void fine(const char *text) {
  char *copy = malloc(strlen(text) + 1);
  strcpy(copy, text);
  if (strcmp(copy, text) != 0) sink++;
  struct { char a; int b; } pair, *two = malloc(2 * sizeof pair);
  pair.a = 1;
  pair.b = 2;
  // Its padding is copied, and nothing depends on that.
  two[0] = pair;
  memcpy(&two[1], &two[0], sizeof pair);
  if (two[1].b == 2) sink++;
  two = realloc(two, 1000 * sizeof pair);
  if (two[1].b == 2) sink++;
  int *zero = calloc(3, 4);
  if (zero[2] == 0) sink++;
  free(zero);
  free(two);
  free(copy);
}

int main(int argc, char **argv) {
  fine(argv[argc - 1]);
  kept = malloc(5 * sizeof(int));
  for (int i = 0; i < 5; i++) kept[i] = i;
  sink = readBehind(kept, 5);
  writeBefore((char *)kept);
  sink = readFreed(malloc(12));
  int *number = malloc(12);
  decide(number);
  look(malloc(24));
  write(1, number, 4);
  lose(100), lose(7);
  if (argc > 5) freeTwice();
  _exit(3);
}
