/* The sum of the numbers below a million, without a C library: Linux starts the program at _start, and the system call
   exit ends it. build.sh builds it. */

int main() {
  int i, sum = 0;

  for (i = 0; i < 1000000; i++) {
    sum += i;
  }

  return 0;
}

__asm__(".globl _start\n"
        ".type _start, %function\n"
        "_start:\n"
        "  bl main\n"
        "  mov x8, #93\n" /* exit(main()) */
        "  svc #0\n"
        ".size _start, . - _start\n");
