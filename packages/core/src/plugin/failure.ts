/** Where an error was thrown, as `file:line:column` of its stack's first line that has one; '' if it does not say. */
function placeOf(error: Error): string {
  const place = /\(?((?:file:\/\/|\/)?[^\s()]+:\d+:\d+)\)?$/m.exec(error.stack?.split('\n    at ').slice(1, 2).join('') ?? '')?.[1];
  return place === undefined ? '' : ` (at ${place})`;
}

/** What is said of a plugin that threw. */
export function pluginFailure(plugin: string, where: string, error: unknown): string {
  const what = error instanceof Error ? `${error.name}: ${error.message}${placeOf(error)}` : String(error);
  return `plugin '${plugin}' failed in ${where} and is switched off: ${what}`;
}
