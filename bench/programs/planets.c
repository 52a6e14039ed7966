/* Planets that attract each other: scalar doubles with divisions and square roots.
   kind: double
   build: -O2 -static -fno-tree-vectorize -ffp-contract=off -fno-math-errno */
#include <math.h>
#include <stdio.h>

enum { BODIES = 8 };
typedef struct { double x, y, z, vx, vy, vz, mass; } body;
static body bodies[BODIES];

static double energy(void) {
  double sum = 0;
  for (int i = 0; i < BODIES; i++) {
    const body *b = &bodies[i];
    sum += b->mass * (b->vx * b->vx + b->vy * b->vy + b->vz * b->vz) / 2;
    for (int j = i + 1; j < BODIES; j++) {
      const body *o = &bodies[j];
      double dx = b->x - o->x, dy = b->y - o->y, dz = b->z - o->z;
      sum -= b->mass * o->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
    }
  }
  return sum;
}

int main(void) {
  for (int i = 0; i < BODIES; i++) bodies[i] = (body){i * 3.1, i * i * 0.7 - 4, i % 3 - 1.0, 0.01 * i, 0.02 * (i % 5), -0.01 * (i % 4), 1.0 / (i + 1)};
  printf("%.9f\n", energy());
  for (int step = 0; step < 900000; step++) {
    for (int i = 0; i < BODIES; i++) {
      body *b = &bodies[i];
      for (int j = i + 1; j < BODIES; j++) {
        body *o = &bodies[j];
        double dx = b->x - o->x, dy = b->y - o->y, dz = b->z - o->z;
        double square = dx * dx + dy * dy + dz * dz + 0.01;
        double pull = 0.001 / (square * __builtin_sqrt(square));
        b->vx -= dx * o->mass * pull, b->vy -= dy * o->mass * pull, b->vz -= dz * o->mass * pull;
        o->vx += dx * b->mass * pull, o->vy += dy * b->mass * pull, o->vz += dz * b->mass * pull;
      }
    }
    for (int i = 0; i < BODIES; i++) {
      body *b = &bodies[i];
      b->x += 0.001 * b->vx, b->y += 0.001 * b->vy, b->z += 0.001 * b->vz;
    }
  }
  printf("%.9f\n", energy());
  return 0;
}
