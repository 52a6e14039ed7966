import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type PluginFile, UserError } from '@everystep/core';
import { hostErrorCode } from '../log/hostError.ts';

/** Begins a file of a plugin's, with its folders. @throws UserError where that cannot be */
export function openPluginFile(name: string): PluginFile {
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      const code = hostErrorCode(error);
      if (code === undefined) throw error;
      throw new UserError(`${name}: cannot be written (${code})`);
    }
  };
  const fd = attempt(() => {
    mkdirSync(dirname(name), { recursive: true });
    return openSync(name, 'w');
  });
  return {
    write: (bytes) =>
      attempt(() => {
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      }),
    close: () => closeSync(fd),
  };
}
