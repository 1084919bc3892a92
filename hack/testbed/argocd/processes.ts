/** The programs of Argo CD on a test bed, as another process meets them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'undici';
import { until } from '../process/until.ts';

export const programs = ['redis', 'repo-server', 'application-controller'] as const;
export type Program = (typeof programs)[number];

export type Addresses = {
  /** Folder of what it writes. */
  readonly work: string;
  /** The Git program, and the folder of the repository. */
  readonly git: string;
  readonly repository: string;
  /** What answers with 200 once the program works. */
  readonly health: Readonly<Partial<Record<Program, string>>>;
};

export const pidFile = (work: string, name: Program) => join(work, `${name}.pid`);

const pidOf = async ({ work }: Addresses, name: Program) => Number(await readFile(pidFile(work, name), 'utf8'));

export async function untilHealthy(addresses: Addresses, name: Program, died: Promise<never>): Promise<void> {
  const url = addresses.health[name];
  if (url === undefined) return;
  const answers = async () => {
    const { statusCode, body } = await request(url);
    await body.dump();
    if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}`);
  };
  await until(`argocd-${name}`, answers, died, 120);
}

/** Kills the program and returns when it is there again: who started it starts it anew, as a kubelet would. */
export async function kill(addresses: Addresses, name: Program): Promise<void> {
  const before = await pidOf(addresses, name);
  process.kill(before, 'SIGKILL');
  const never = new Promise<never>(() => {});
  const another = async () => {
    if ((await pidOf(addresses, name)) === before) throw new Error(`${name} is still process ${before}`);
  };
  await until(`another ${name}`, another, never);
  await untilHealthy(addresses, name, never);
}
