export function compilePatterns(text: string): string;
