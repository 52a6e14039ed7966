/* Walks linked lists that lie about in memory, reverses them, and searches a tree.
   kind: memory
   build: -O2 -static */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct node { struct node *next, *left, *right; uint64_t value; } node;
enum { COUNT = 20000 };

static node *insert(node *root, node *n) {
  node **place = &root;
  while (*place) place = n->value < (*place)->value ? &(*place)->left : &(*place)->right;
  *place = n;
  return root;
}

int main(void) {
  node **all = malloc(COUNT * sizeof *all), *list = 0, *root = 0;
  uint64_t seed = 3, sum = 0;
  for (int i = 0; i < COUNT; i++) {
    all[i] = calloc(1, sizeof(node));
    all[i]->value = seed = seed * 6364136223846793005u + 1442695040888963407u;
  }
  for (int i = COUNT - 1; i > 0; i--) {
    int j = (seed = seed * 6364136223846793005u + 1442695040888963407u) % (i + 1);
    node *t = all[i];
    all[i] = all[j];
    all[j] = t;
  }
  for (int i = 0; i < COUNT; i++) {
    all[i]->next = list;
    list = all[i];
    root = insert(root, all[i]);
  }
  for (int round = 0; round < 8000; round++) {
    for (node *n = list; n; n = n->next) sum += n->value;
    if (round % 4 == 0) {
      node *reversed = 0;
      for (node *n = list; n;) {
        node *next = n->next;
        n->next = reversed;
        reversed = n;
        n = next;
      }
      list = reversed;
    }
    for (int i = 0; i < 200; i++) {
      uint64_t wanted = all[(round * 31 + i * 7) % COUNT]->value;
      node *n = root;
      while (n->value != wanted) n = wanted < n->value ? n->left : n->right;
      sum ^= (uintptr_t)n->value;
    }
  }
  printf("%016lx\n", sum);
  return 0;
}
