/** A guest with outdated packages and an outdated kernel is patched in a window, rebooted, and shown to be in time (MO-3, MO-10, GE-8). */
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import type { ManagedVM } from '../../src/api/managedvm.ts';
import { isFinal, type PatchRun, type PatchRunStatus } from '../../src/api/patchrun.ts';
import { guest, type SSHKeyPair } from '../steward/guestorders.ts';
import { loginsOf } from '../steward/logins.ts';
import { PROMISES_ANNOTATION } from '../steward/promises.ts';
import type { Service } from '../steward/service.ts';
import { inGuest } from '../steward/ssh.ts';
import { KEYRING } from '../testbed/guest/disk.ts';
import { SECURITY_SUITE } from '../testbed/guest/mirror.ts';
import { MIRROR_URL } from '../testbed/guest/mirroraddress.ts';
import type { Interruption } from './interruption.ts';
import type { Observer } from './observer.ts';
import type { Steps } from './steps.ts';

/** The provider's own VMs come first: what they prove the others get (MO-11). */
const NAMESPACE = 'acme-staging';
const NAME = 'shop-staging';
const PATH = `/apis/managed.systems/v1alpha1/namespaces/${NAMESPACE}`;
const MINUTE = 60_000;
const LIMIT_MS = 40 * MINUTE;

export type PatchDemo = {
  readonly service: Service;
  readonly observer: Observer;
  readonly interruption: Interruption;
  readonly customerKey: SSHKeyPair;
  /** Seconds in which a guest boots and is configured. */
  readonly bootSeconds: number;
} & Pick<Steps, 'say' | 'step'>;

type Items<Item> = { readonly items: readonly Item[] };

export async function demonstratePatching(demo: PatchDemo): Promise<void> {
  const { service, observer, step } = demo;
  const { kubectl } = observer;
  const apply = (...items: readonly object[]) =>
    kubectl(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  await step('A VM whose disk is of the last point release boots and is configured', async () => {
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, ordered(demo.customerKey));
    const broken = await observer.untilKept(demo.bootSeconds);
    if (broken.length > 0) throw new Error(broken.join('\n'));
  });
  await step("Debian's security updates become a source of its packages", () => addSource(demo));
  const kernel = await inTheGuest(demo, 'uname -r');
  const opens = new Date(Math.ceil((Date.now() + 2 * MINUTE) / MINUTE) * MINUTE);
  await step(`It runs kernel ${kernel}; a policy is applied whose window opens at ${clock(opens)} UTC`, async () => {
    await apply(standard(opens));
  });
  const run = await step('The window opens, and the guest is patched and rebooted in it', () => verdict(demo));
  console.log(`\n${packagesOf(run)}\n`);
  if (run.phase !== 'Succeeded') throw new Error(`PatchRun: ${run.phase}: ${run.message}`);
  await step('The guest itself says that it booted anew, with another kernel', async () => {
    const [bootId, now] = [
      await inTheGuest(demo, 'cat /proc/sys/kernel/random/boot_id'),
      await inTheGuest(demo, 'uname -r'),
    ];
    if (bootId !== run.bootIdAfter || bootId === run.bootIdBefore) throw new Error(`its boot id is ${bootId}`);
    if (now === kernel) throw new Error(`it still runs ${now}`);
    demo.say(`kernel ${now}`);
  });
  await step('Its package manager is asked once more, and nothing is late', () => until(demo, () => inTime(service)));
  const tables = [['managedvms', '-A'], ['clusterpatchpolicies'], ['patchruns', '-A', '-o', 'wide']];
  for (const table of tables) console.log(`\n${(await kubectl(['get', ...table])).trimEnd()}`);
}

function ordered(customerKey: SSHKeyPair): object {
  const vm = guest(NAMESPACE, NAME, customerKey.publicKey, { serviceLevel: 'MonitoringAndPatching' });
  const promises = 'Ready=True/Running,Configured=True/AsOrdered,Monitored=True/PrometheusWatches';
  return { ...vm, metadata: { ...vm.metadata, annotations: { [PROMISES_ANNOTATION]: promises } } };
}

/** The provider's standard for that namespace alone: security updates, at once, in a window of three hours each day. */
function standard(opens: Date): object {
  const window = {
    ...{ name: 'nightly', schedule: `${opens.getUTCMinutes()} ${opens.getUTCHours()} * * *`, timeZone: 'Etc/UTC' },
    ...{ duration: '3h', cutoff: '1h' },
  };
  return {
    apiVersion: `${clusterPatchPolicy.group}/${clusterPatchPolicy.version}`,
    kind: clusterPatchPolicy.kind,
    metadata: { name: 'standard' },
    spec: {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } },
      windows: [window],
      approve: { updates: 'Security', minimumAge: { Critical: '0s', Important: '0s', Other: '0s' } },
      rings: [{ name: 'canary', namespaces: [NAMESPACE], soak: '0s' }, { name: 'production' }],
      reboot: 'IfRequired',
      rollback: 'Never',
    },
  };
}

/** As Debian's own images have it; the test bed's disks have a mirror of theirs. */
async function addSource(demo: PatchDemo): Promise<void> {
  const source = `deb [signed-by=${KEYRING}] ${MIRROR_URL} ${SECURITY_SUITE} main`;
  await inTheGuest(demo, `echo '${source}' | sudo tee /etc/apt/sources.list.d/security.list`);
}

async function inTheGuest({ service, customerKey }: PatchDemo, command: string): Promise<string> {
  const { provider } = await loginsOf(service.client, NAMESPACE, NAME, customerKey.privateKey);
  return (await inGuest(provider, command)).trim();
}

/** The verdict on the one run of that window; says each phase as it comes. */
function verdict(demo: PatchDemo): Promise<PatchRunStatus> {
  let said = '';
  return until(demo, async () => {
    const { items } = await demo.service.client.get<Items<PatchRun>>(`${PATH}/patchruns`);
    if (items.length > 1) throw new Error(`There are ${items.length} PatchRuns of one guest and window`);
    const status = items[0]?.status;
    if (status !== undefined && status.phase !== said)
      demo.say([`PatchRun = ${status.phase}`, status.message].filter(Boolean).join(': '));
    said = status?.phase ?? '';
    return isFinal(status?.phase) ? status : undefined;
  });
}

async function inTime({ client }: Service): Promise<true | undefined> {
  const { status } = await client.get<ManagedVM>(`${PATH}/managedvms/${NAME}`);
  const condition = status?.conditions?.find(({ type }) => type === 'PatchCompliant');
  return condition?.status === 'True' && condition.reason === 'PatchesInTime' ? true : undefined;
}

/** Looks until there is an answer; says what changes meanwhile. */
async function until<Answer>(demo: PatchDemo, answer: () => Promise<Answer | undefined>): Promise<Answer> {
  const { observer, interruption } = demo;
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await answer();
    await observer.look();
    if (found !== undefined) return found;
    if (interruption.signal.aborted) throw new Error('interrupted');
    if (performance.now() > deadline) throw new Error(`not within ${LIMIT_MS / MINUTE} minutes`);
    await interruption.pause(3000);
  }
}

function packagesOf({ packages = [] }: PatchRunStatus): string {
  const width = Math.max(...packages.map(each => each.package.length));
  return packages
    .map(
      each =>
        `${each.package.padEnd(width)}  ${each.from ?? '(new)'} -> ${each.to}  ${each.state} ${each.reason ?? ''}`,
    )
    .join('\n');
}

const clock = (at: Date): string => at.toISOString().slice(11, 16);
