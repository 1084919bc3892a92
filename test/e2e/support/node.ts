/** The node's own programs, as their supervisor sees them: killed here, started again by the test bed. */
import { readdir, readFile } from 'node:fs/promises';

/** Kills every process of that name. The box has a process table of its own, so none outside of it is meant. */
export async function killOnNode(program: string): Promise<void> {
  const pids = (await readdir('/proc')).filter(entry => /^\d+$/.test(entry));
  const names = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  // The kernel keeps 15 characters of a name.
  const killed = pids.filter((_, index) => names[index]?.trim() === program.slice(0, 15));
  if (killed.length === 0) throw new Error(`no process of the node is called ${program}`);
  for (const pid of killed) process.kill(Number(pid), 'SIGKILL');
}
