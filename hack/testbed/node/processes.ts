/** Processes of the box: none of outside is seen in it. */
import { readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** Numbers of the processes that run the program of that name, in containers too. */
export async function processesOf(program: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const files = await Promise.all(pids.map(pid => readlink(`/proc/${pid}/exe`).catch(() => '')));
  return pids.filter((_, index) => basename(files[index] ?? '') === program).map(Number);
}

/** Kills the process, unless it has ended meanwhile. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
