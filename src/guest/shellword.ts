/** A word of the shell that is the text, whatever is in it. Throws RangeError for NUL, which no word can have. */
export function shellWord(text: string): string {
  if (text.includes('\0')) throw new RangeError('no word of the shell has a NUL');
  return `'${text.replaceAll("'", "'\\''")}'`;
}
