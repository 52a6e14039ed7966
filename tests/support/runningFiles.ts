import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Keeps the names of the test files that run now in .build/check/running: where a run does not end, they tell why. */
export default class RunningFiles implements Reporter {
  private readonly running = new Set<string>();

  onTestModuleStart({ moduleId }: TestModule): void {
    this.running.add(relative('.', moduleId));
    this.write();
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    this.running.delete(relative('.', moduleId));
    this.write();
  }

  private write(): void {
    writeFileSync('.build/check/running', [...this.running, ''].join('\n'));
  }
}
