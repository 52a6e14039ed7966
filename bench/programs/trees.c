/* Trees of nodes from malloc, built, walked and freed.
   kind: memory
   build: -O2 -static */
#include <stdio.h>
#include <stdlib.h>

typedef struct node { struct node *left, *right; unsigned value; } node;

static node *build(unsigned depth, unsigned value) {
  node *n = malloc(sizeof *n + value % 5 * 8);
  n->value = value;
  n->left = depth == 0 ? 0 : build(depth - 1, 2 * value);
  n->right = depth == 0 ? 0 : build(depth - 1, 2 * value + 1);
  return n;
}

static unsigned sum(const node *n) { return n == 0 ? 0 : n->value + sum(n->left) * 3 + sum(n->right); }

static void release(node *n) {
  if (n == 0) return;
  release(n->left);
  release(n->right);
  free(n);
}

int main(void) {
  unsigned total = 0;
  node *kept = build(16, 1);
  for (unsigned round = 0; round < 5400; round++) {
    node *tree = build(11, round);
    total += sum(tree);
    release(tree);
  }
  printf("%u\n", total + sum(kept));
  return 0;
}
