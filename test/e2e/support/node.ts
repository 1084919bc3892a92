/** Processes of the node: its own programs, which the test bed starts again when they are killed, and the guests' emulators. */
import { readdir, readFile } from 'node:fs/promises';
import { setInterval } from 'node:timers/promises';
import { kill, processesOf } from '../../../hack/testbed/node/processes.ts';

/** Kills every process of that name. The box has a process table of its own, so none outside of it is meant. */
export async function killOnNode(program: string): Promise<void> {
  const pids = (await readdir('/proc')).filter(entry => /^\d+$/.test(entry));
  const names = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  // The kernel keeps 15 characters of a name.
  const killed = pids.filter((_, index) => names[index]?.trim() === program.slice(0, 15));
  if (killed.length === 0) throw new Error(`no process of the node is called ${program}`);
  for (const pid of killed) process.kill(Number(pid), 'SIGKILL');
}

/** Milliseconds between two looks for an emulator: shorter than libvirt needs to start a guest in it. */
const LOOK = 200;

/** Kills a guest's emulator whenever there is one, as a failing machine would, so that the guest does not come up again before `signal`. */
export async function keepKilling(namespace: string, name: string, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of setInterval(LOOK, undefined, { signal }))
      for (const pid of await emulatorsOf(`${namespace}_${name}`)) kill(pid);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** KubeVirt names the guest `NAMESPACE_NAME`, and libvirt says so in the emulator's command line. */
async function emulatorsOf(domain: string): Promise<number[]> {
  const pids = await processesOf('qemu-system-x86_64');
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => lines[index]?.includes(`guest=${domain},`));
}
