/** What the profile `node` asks of a machine. Each thing is tried, in namespaces that are gone when the trial is over. */
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { run } from '../../process/command.ts';

const gibibyte = 1024 ** 3;
/** Control plane, KubeVirt, monitoring, a guest of each level, and Steward itself. */
const minimumMemory = 6 * gibibyte;

const controllers = ['cpu', 'cpuset', 'devices', 'memory', 'pids'];

/** Sentences, each of one thing this machine lacks for a real node; none when it lacks nothing. Takes less than a second. */
export async function whatIsMissing(): Promise<string[]> {
  const { platform, arch } = process;
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const facts = { platform, arch, memory, uid: process.getuid?.() };
  const missing = missingFacts(facts);
  // Without root every trial would fail, and say nothing new.
  if (missing.length > 0) return missing;
  const found = await Promise.all([missingCommands(), missingGroups(), missingInNamespaces()]);
  return found.flat();
}

export type MachineFacts = {
  readonly platform: string;
  readonly arch: string;
  /** Bytes of memory this process and its children may use. */
  readonly memory: number;
  readonly uid: number | undefined;
};

export function missingFacts({ platform, arch, memory, uid }: MachineFacts): string[] {
  const missing: string[] = [];
  if (platform !== 'linux') missing.push(`A real node needs Linux; this is ${platform}.`);
  if (arch !== 'x64') missing.push(`Its guests are amd64 machines, which need an amd64 machine; this one is ${arch}.`);
  if (uid !== 0) missing.push('It needs root, for namespaces, mounts and containers.');
  if (memory < minimumMemory) {
    const [has, needs] = [memory, minimumMemory].map(bytes => `${(bytes / gibibyte).toFixed(1)} GiB`);
    missing.push(`It needs ${needs} of memory; this machine has ${has}.`);
  }
  return missing;
}

async function missingCommands(): Promise<string[]> {
  const wanted = { 'apt-get': 'Debian’s apt', dpkg: 'Debian’s dpkg', mount: 'util-linux', nsenter: 'util-linux' };
  const found = await Promise.all(
    Object.entries(wanted).map(([command, from]) =>
      run('sh', ['-c', `command -v ${command}`]).then(
        () => [],
        () => [`There is no command \`${command}\`, which comes with ${from}.`],
      ),
    ),
  );
  return found.flat();
}

async function missingGroups(): Promise<string[]> {
  const unified = await readFile('/sys/fs/cgroup/cgroup.controllers', 'utf8').catch(() => undefined);
  return missingControllers(unified, await readFile('/proc/cgroups', 'utf8').catch(() => ''));
}

/** `unified` is cgroup v2's list of controllers, where v2 is what is mounted; `table` the content of /proc/cgroups. */
export function missingControllers(unified: string | undefined, table: string): string[] {
  const enabled = new Set(
    unified?.trim().split(' ') ??
      table
        .split('\n')
        .map(line => line.split('\t'))
        .flatMap(([name = '', hierarchy, , on]) => (on === '1' && hierarchy !== '0' ? [name] : [])),
  );
  // Version 2 has no controller for devices: programs in the kernel do that.
  const lacking = controllers.filter(each => !enabled.has(each) && !(unified !== undefined && each === 'devices'));
  return lacking.length === 0 ? [] : [`The kernel offers no control groups for ${lacking.join(', ')}.`];
}

/** Whether the running kernel has it built in, or as a module it would load. */
const inKernel = (symbol: string, module: string) =>
  `grep -qw ${symbol} /proc/kallsyms || find "/lib/modules/$(uname -r)" -name '${module}.ko*' | grep -q .`;

/** Each is true where the machine can do it. */
const trials = {
  overlay: {
    script:
      'cd /run && mkdir lower upper work all && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay all',
    lacks: 'overlayfs cannot be mounted, and images of containers are layers of it.',
  },
  bridge: {
    script: inKernel('br_add_bridge', 'bridge'),
    lacks: 'the kernel makes no bridges, and Pods are connected by one.',
  },
  veth: {
    script: inKernel('veth_newlink', 'veth'),
    lacks: 'the kernel makes no pairs of virtual Ethernet devices, by which a Pod is connected.',
  },
  tun: {
    script: '[ -c /dev/net/tun ]',
    lacks: 'there is no /dev/net/tun, through which a VM reaches its Pod’s network.',
  },
  nftables: {
    script: inKernel('nft_register_expr', 'nf_tables'),
    lacks: 'the kernel has no nftables, by which kube-proxy redirects what goes to Services.',
  },
} as const;

async function missingInNamespaces(): Promise<string[]> {
  const names = Object.keys(trials) as (keyof typeof trials)[];
  const tried = names.map(name => `if ( ${trials[name].script} ) 2> /dev/null; then echo ${name}; fi`);
  const script = ['set -e', 'mount -t tmpfs tmpfs /run', ...tried].join('\n');
  const unshare = [
    '--pid',
    '--mount',
    '--net',
    '--ipc',
    '--uts',
    '--cgroup',
    '--fork',
    '--mount-proc',
    'sh',
    '-c',
    script,
  ];
  try {
    const works = (await run('unshare', unshare)).split('\n');
    return names.filter(name => !works.includes(name)).map(name => `On this machine ${trials[name].lacks}`);
  } catch (error) {
    return [`This machine gives no namespaces: ${error instanceof Error ? error.message : error}`];
  }
}
