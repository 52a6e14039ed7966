import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tests/**/*.test.ts', 'bench/**/*.test.ts'],
    pool: 'forks',
    setupFiles: ['tests/support/boundedProcesses.ts'],
    // Generous: the machine may be busy, and no test asserts a time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
