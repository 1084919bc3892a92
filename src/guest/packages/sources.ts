import { type Answer, errorsOf, only } from './answer.ts';

/** Whether each source of packages was read: what one that was not may have is not known. */
export function sourcesRead(answer: Answer): boolean {
  const [exitCode, failed] = only(answer, 'sources') ?? [];
  return exitCode === '0' && failed === '0';
}

/** Why not, in a sentence; none: all were. */
export function unreadSources(answer: Answer): readonly string[] {
  if (sourcesRead(answer)) return [];
  const [, failed = '0'] = only(answer, 'sources') ?? [];
  const said = errorsOf(answer)[0];
  return [`Not all package sources could be read (${failed} failed)${said ? `: ${said}` : ''}.`];
}
