const OPENING = '(<[';
const CLOSING = ')>]';

/** The parts between commas; those within brackets belong to names, such as `f(int, char)`. */
export function splitList(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (OPENING.includes(text[i])) depth++;
    else if (CLOSING.includes(text[i])) depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  // In names like operator< they are no brackets.
  return depth === 0 ? [...parts, text.slice(start)] : text.split(',');
}
