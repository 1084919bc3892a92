import { readFile } from 'node:fs/promises';

/** The last five lines of a log, for who says that its program has ended: the log goes with the bed. */
export async function lastWords(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
  return lines.slice(-5).join('\n      ');
}
