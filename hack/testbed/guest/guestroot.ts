/** A root with a package manager that scripts for guests run in, one after the other or several at once, as in a guest. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureArtifacts } from '../build/build.ts';
import { packageRoots } from './packageroots.ts';
import { ENTER } from './workshop.ts';

export type Ran = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

export type GuestRoot = {
  /** A folder of this machine that is `/build` inside. */
  readonly folder: string;
  /** Runs a script by a shell of root inside. */
  readonly run: (script: string) => Promise<Ran>;
  /** Ends everything in it; nothing is left of what it wrote. */
  readonly stop: () => Promise<void>;
};

/**
 * Needs the rights of root. It has namespaces of its own but this machine's network, where the repositories of the tests are, unless it is to have one
 * of its own, with a loopback and nothing else.
 */
export async function startGuestRoot(
  which: keyof typeof packageRoots,
  network: 'shared' | 'own' = 'shared',
): Promise<GuestRoot> {
  const { [which]: built } = await ensureArtifacts<string>({ [which]: packageRoots[which] }, () => {});
  if (built === undefined) throw new Error(`There is no ${which}`);
  const folder = await mkdtemp(join(tmpdir(), 'steward-root-'));
  // apt fetches as a user of its own.
  await chmod(folder, 0o755);
  const own = network === 'own' ? ['--net'] : [];
  const namespaces = ['--mount', '--pid', '--ipc', '--uts', ...own, '--fork', '--kill-child'];
  const looped = network === 'own' ? ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] : [];
  // It ends with whoever holds the other end of its standard input, be he killed. Held open, /proc/1 keeps its time, from which dnf takes when
  // the guest has booted: forgotten by the kernel and looked up again it would be younger than what was installed meanwhile.
  const inside = ['/bin/sh', '-c', 'exec 9< /proc/1; echo ready; exec cat > /dev/null'];
  const keeper = spawn('unshare', [...namespaces, ...looped, 'sh', ENTER, join(built, 'root'), folder, ...inside], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(keeper, 'exit');
  const ready = await Promise.race([once(keeper.stdout, 'data'), ended.then(() => undefined)]);
  if (ready === undefined) throw new Error('The root could not be entered: are these the rights of root?');
  const child = (await readFile(`/proc/${keeper.pid}/task/${keeper.pid}/children`, 'utf8')).trim();
  return {
    folder,
    run: script => runAt(child, script, own),
    stop: async () => {
      keeper.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function runAt(target: string, script: string, network: readonly string[]): Promise<Ran> {
  const into = ['--target', target, ...network, '--mount', '--uts', '--ipc', '--pid', '--root', '--wd'];
  const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const shell = spawn('nsenter', [...into, '/bin/sh', '-s'], { env: environment });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    shell[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  shell.stdin.on('error', () => {}).end(script);
  const [exitCode] = (await once(shell, 'close')) as [number | null];
  return { exitCode, ...said };
}
