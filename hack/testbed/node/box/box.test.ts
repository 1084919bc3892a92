/** From outside of the box: what a test bed with a real node leaves behind on the machine. */
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { exists } from '../../build/cache.ts';
import { run } from '../../process/command.ts';
import { isAlive } from '../../process/folder.ts';
import { pauseImage } from '../containerd.ts';
import { removeStaleBoxes } from './box.ts';
import { inBuildBox } from './buildbox.ts';
import { whatIsMissing } from './prerequisites.ts';

const cli = fileURLToPath(new URL('../../cli.ts', import.meta.url));

/** What a box may not change of the machine. */
async function machine() {
  const [program = '', ...inNetwork] = [...(await inBuildBox(() => {})), 'nft', 'list', 'ruleset'];
  const settings = ['vm/overcommit_memory', 'kernel/panic', 'kernel/keys/root_maxkeys', 'net/ipv4/ip_forward'];
  return {
    links: await readdir('/sys/class/net'),
    // Neither through links (/dev/fd is this process) nor into other mounts, where everybody's things come and go.
    devices: (await run('find', ['/dev', '-xdev'])).split('\n').sort(),
    users: await readFile('/etc/passwd', 'utf8'),
    rules: await run(program, inNetwork),
    settings: await Promise.all(settings.map(each => readFile(`/proc/sys/${each}`, 'utf8'))),
  };
}

/** What there is of the box, outside of it: other boxes may be running. */
async function tracesOf(box: string, pidNamespace: string): Promise<string[]> {
  const name = basename(box);
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').filter(line => line.includes(name));
  const groups = await Promise.all((await readdir('/sys/fs/cgroup')).map(each => join('/sys/fs/cgroup', each, name)));
  const kept = await Promise.all([box, ...groups].map(async path => ((await exists(path)) ? [path] : [])));
  return [...mounts, ...kept.flat(), ...(await processesIn(pidNamespace))];
}

async function processesIn(pidNamespace: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async pid => {
      const theirs = await readlink(`/proc/${pid}/ns/pid`).catch(() => '');
      return theirs === pidNamespace ? [`process ${pid}`] : [];
    }),
  );
  return found.flat();
}

const started: Running[] = [];

/** A test bed in a process of its own, with a Pod that runs. */
async function start() {
  const dir = await mkdtemp(join(tmpdir(), 'steward-boxtest-'));
  const testbed = (command: string, ...args: string[]) => run(process.execPath, [cli, command, '--dir', dir, ...args]);
  await testbed('up', ...up);
  const record = JSON.parse(await readFile(join(dir, 'testbed.json'), 'utf8')) as Running;
  started.push(record);
  const kubectl = (...args: string[]) => run(record.kubectl, [`--kubeconfig=${record.kubeconfig}`, ...args]);
  // Until the controller manager has made it, no Pod of the namespace is let in.
  await vi.waitFor(() => kubectl('get', 'serviceaccount', 'default'), { timeout: 30_000, interval: 200 });
  await kubectl('run', 'sleeper', `--image=${pauseImage}`, '--restart=Always', '--image-pull-policy=IfNotPresent');
  await kubectl('wait', 'pod/sleeper', '--for=condition=Ready', '--timeout=60s');
  const first = await readFile(join(record.box, 'pid'), 'utf8');
  return { ...record, dir, testbed, kubectl, pidNamespace: await readlink(`/proc/${first}/ns/pid`) };
}

type Running = {
  readonly pid: number;
  readonly box: string;
  readonly kubectl: string;
  readonly kubeconfig: string;
};

const up = ['--profile', 'node', '--no-kubevirt', '--detach'];
const missing = await whatIsMissing();

describe.skipIf(missing.length > 0)('a test bed with a real node, on a machine that can have one', () => {
  let before: Awaited<ReturnType<typeof machine>>;
  beforeAll(async () => {
    await run(process.execPath, [cli, 'build', '--profile', 'node']);
    before = await machine();
  }, 1_800_000);
  afterEach(async () => {
    for (const { pid, kubeconfig } of started.splice(0)) {
      // Only where a test has failed is it still there.
      if (await isAlive(pid, 'cli.ts')) process.kill(pid, 'SIGKILL');
      await rm(dirname(dirname(kubeconfig)), { recursive: true, force: true });
    }
  });

  it('is reached from outside by the kubeconfig it prints, and entered', async () => {
    const bed = await start();
    expect(await bed.kubectl('get', 'nodes', '-o', 'name')).toBe('node/node\n');
    expect(await bed.testbed('enter', '--', 'hostname')).toBe('node\n');
    expect((await tracesOf(bed.box, bed.pidNamespace)).length).toBeGreaterThan(5);
    expect(await machine()).toEqual(before);
    await bed.testbed('down');
    expect(await tracesOf(bed.box, bed.pidNamespace)).toEqual([]);
    expect(await machine()).toEqual(before);
  });

  it('leaves nothing on the machine when it is killed with SIGKILL, and starts again with its objects', async () => {
    const bed = await start();
    process.kill(bed.pid, 'SIGKILL');
    await vi.waitFor(async () => expect(await tracesOf(bed.box, bed.pidNamespace)).toEqual([]), 10_000);
    expect(await machine()).toEqual(before);

    await bed.testbed('up', ...up);
    const again = JSON.parse(await readFile(join(bed.dir, 'testbed.json'), 'utf8')) as Running;
    started.push(again);
    const wait = ['wait', 'pod/sleeper', '--for=condition=Ready', '--timeout=60s'];
    await run(again.kubectl, [`--kubeconfig=${again.kubeconfig}`, ...wait]);
    await bed.testbed('down');
  });

  it('leaves nothing when even what watches the box is killed, once the next box has started', async () => {
    const bed = await start();
    const first = await readFile(join(bed.box, 'pid'), 'utf8');
    const parent = / (\d+) /.exec((await readFile(`/proc/${first}/stat`, 'utf8')).replace(/.*\) \S/, ''))?.[1];
    process.kill(Number(parent), 'SIGKILL');
    await vi.waitFor(async () => expect(await processesIn(bed.pidNamespace)).toEqual([]), 10_000);
    await removeStaleBoxes();
    expect(await tracesOf(bed.box, bed.pidNamespace)).toEqual([]);
    expect(await machine()).toEqual(before);
  });

  it('ends with the exit code of what ran in the box', async () => {
    await expect(run(process.execPath, [cli, 'in-box', '--', 'sh', '-c', 'exit 7'])).rejects.toThrow('exit code 7');
  });
});
