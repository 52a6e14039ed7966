/* What embedded benchmarks do: a state machine over text, a checksum bit by bit, small matrices of integers.
   kind: dispatch
   build: -O2 -static */
#include <stdint.h>
#include <stdio.h>

enum { START, INTEGER, FRACTION, EXPONENT, SIGN, INVALID, STATES };
static const char *const words[] = {"5012", "-874", "+122", "35.54400", ".1234500", "-110.700", "5.500e+3", "-.123e-2", "T0.3e-1F", "1T3.4e4z", "", "1.2.3"};

static int next_state(const char **text, uint32_t *visits) {
  int state = START;
  for (const char *p = *text; *p && state != INVALID; p++) {
    char c = *p;
    int digit = c >= '0' && c <= '9';
    visits[state]++;
    switch (state) {
      case START: state = digit ? INTEGER : c == '+' || c == '-' ? SIGN : c == '.' ? FRACTION : INVALID; break;
      case SIGN: state = digit ? INTEGER : c == '.' ? FRACTION : INVALID; break;
      case INTEGER: state = digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID; break;
      case FRACTION: state = digit ? FRACTION : c == 'e' ? EXPONENT : INVALID; break;
      default: state = digit || c == '+' || c == '-' ? EXPONENT : INVALID; break;
    }
  }
  return state;
}

static uint16_t crc(uint32_t data, uint16_t sum) {
  for (int i = 0; i < 32; i++) {
    int bit = (data ^ sum) & 1;
    sum >>= 1;
    if (bit) sum ^= 0xa001;
    data >>= 1;
  }
  return sum;
}

int main(void) {
  uint32_t visits[STATES] = {0}, finals[STATES] = {0};
  int16_t m[9][9];
  uint16_t sum = 0xffff;
  for (int round = 0; round < 5500000; round++) {
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
      const char *text = words[(i + round) % 12];
      finals[next_state(&text, visits)]++;
    }
    sum = crc(visits[round % STATES], sum);
    if (round % 8 == 0)
      for (int i = 0; i < 9; i++)
        for (int j = 0; j < 9; j++) {
          m[i][j] = (int16_t)(i * j + round);
          sum ^= (uint16_t)(m[i][j] * m[i][j / 2]);
        }
  }
  printf("%04x %u %u\n", sum, finals[INVALID], visits[INTEGER]);
  return 0;
}
