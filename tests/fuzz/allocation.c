// Reads instruction words from standard input and writes, for each, a byte: 4 if it is an undefined instruction, else 0
// or the signal that it ended with. Words may clobber X0 to X15 and all vectors; X0 points at memory.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static sigjmp_buf back;
static void caught(int number) { siglongjmp(back, number); }

#define VECTORS \
  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", \
      "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31"

static void call(uint32_t *code, char *memory) {
  register char *x0 asm("x0") = memory;
  register uint32_t *x16 asm("x16") = code;
  asm volatile("blr x16"
               : "+r"(x0), "+r"(x16)
               :
               : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x17", "x30", "memory", "cc", VECTORS);
}

int main(void) {
  static uint32_t words[4096];
  static unsigned char results[4096];
  uint32_t *code = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *memory = malloc(8192);
  // the words change SP only as a base register, which they do not have
  struct sigaction action = {.sa_handler = caught, .sa_flags = SA_NODEFER};
  sigaction(SIGILL, &action, 0);
  sigaction(SIGSEGV, &action, 0);
  sigaction(SIGBUS, &action, 0);
  for (size_t count; (count = fread(words, 4, 4096, stdin)) > 0;) {
    for (volatile size_t i = 0; i < count; i++) {
      code[0] = words[i];
      code[1] = 0xd65f03c0; // RET
      __builtin___clear_cache((char *)code, (char *)(code + 2));
      results[i] = (unsigned char)sigsetjmp(back, 0);
      if (results[i] == 0) call(code, memory + 4096);
    }
    fwrite(results, 1, count, stdout);
  }
  return 0;
}
