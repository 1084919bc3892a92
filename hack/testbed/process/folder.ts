/** Data folders of test beds that name none. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A new folder that carries the number of this process; such folders of this person's processes that were killed are removed. In a box it
 * lies in the box's own and goes with it: numbers of processes mean others in there, so nothing can be said of other folders.
 */
export async function newFolder(): Promise<string> {
  if (process.env.STEWARD_BOX !== undefined) return mkdtemp(join(process.env.STEWARD_BOX, 'bed-'));
  for (const name of await readdir(tmpdir())) {
    const [, pid] = /^steward-testbed-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || (await isAlive(Number(pid)))) continue;
    const folder = join(tmpdir(), name);
    if (await isOurs(folder)) await rm(folder, { recursive: true, force: true });
  }
  return mkdtemp(join(tmpdir(), `steward-testbed-${process.pid}-`));
}

async function isOurs(path: string): Promise<boolean> {
  // Another process may have removed it meanwhile.
  const { uid } = (await stat(path).catch(() => undefined)) ?? {};
  return uid === process.getuid?.();
}

/** Whether the process runs, and its command line has `word` in it: numbers of processes are used again. */
export async function isAlive(pid: number, word = ''): Promise<boolean> {
  // Empty for a process that has ended and that nobody has asked for yet.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine !== '' && commandLine.includes(word);
}
