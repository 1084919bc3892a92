/** What a process uses, as Linux says. */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** Linux gives CPU time in ticks of 10 ms on every architecture that we know. */
const TICK_SECONDS = 0.01;

export async function openFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** User and system time since the process began. */
export async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}

/** Milliseconds that the process's first thread, Node's event loop, has run. */
export async function loopMilliseconds(pid: number): Promise<number> {
  const [nanoseconds] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ');
  return Number(nanoseconds) / 1e6;
}

export type Memory = {
  readonly nowMB: number;
  readonly peakMB: number;
  /** What of it belongs to files: Node's own code above all, which the kernel can drop and read again. */
  readonly ofFilesMB: number;
};

/** After work Steward gives memory back within two looks of 5 s each (src/runtime/process/garbagecollector.ts). */
export const REST_MS = 15_000;

/** Resident memory. */
export async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1000;
  return { nowMB: megabytes('VmRSS'), peakMB: megabytes('VmHWM'), ofFilesMB: megabytes('RssFile') };
}

const ESTABLISHED = '01';

/** TCP connections that the process holds to a port, by IPv4. */
export async function connectionsTo(port: number, pid: number): Promise<number> {
  const own = new Set<string>();
  for (const file of await readdir(`/proc/${pid}/fd`)) {
    // A file that was closed meanwhile is none.
    const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
    own.add(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '');
  }
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile(`/proc/${pid}/net/tcp`, 'utf8')).split('\n').map(line => line.trim().split(/\s+/));
  return lines.filter(
    ([, , remote, state, , , , , , inode]) =>
      remote?.endsWith(end) === true && state === ESTABLISHED && own.has(inode ?? ''),
  ).length;
}
