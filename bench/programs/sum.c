/* The article's loop, with more iterations.
   kind: integer
   build: -O0 -static -DCOUNT=2000000000 */
#ifndef COUNT
#define COUNT 2000000000
#endif
int main() {
  int i, sum = 0;
  for (i = 0; i < COUNT; i++) {
    sum += i;
  }
  return 0;
}
