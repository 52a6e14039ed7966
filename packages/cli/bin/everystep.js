#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/everystep.js', import.meta.url);
if (existsSync(built)) {
  const { start } = await import(built.href);
  await start();
} else {
  process.stderr.write("everystep: the command is not built yet: run 'npm ci && npm run build' in everystep's folder first\n");
  process.exitCode = 2;
}
