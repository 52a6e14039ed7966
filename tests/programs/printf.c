/* glibc's printf, the environment and arguments.
   build: -O1 -static
   build(Pie): -O1 -static-pie
   args: one two "three four" */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("%d: %s\n", i, argv[i]);
  const char *value = getenv("EXAMPLE");
  printf("EXAMPLE=%s\n", value ? value : "(none)");
  printf("%d %-8x|%+5ld|%08.3f|%g|%e|%a\n", 42, 0xbeefu, -7l, 3.14159, 1e-5, 6.02e23, 0.1);
  printf("%s %c %p %5.2f%% %Lf\n", "string", 'c', (void *)0, 99.5, 1.25L);
  printf("%g %g %g\n", strtod("1.5e300", 0) * atof("1e10"), -INFINITY, NAN);
  fprintf(stderr, "to standard error\n");
  return argc;
}
