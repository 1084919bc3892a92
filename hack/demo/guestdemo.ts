/**
 * The whole path on a real node: Steward from its image by Helm, a VM at each level that boots by its cloud-init, logins, sensors; then a VM
 * that is patched in its window, and one that is lost and restored from its backup. `--once` exits 0 when everything is as promised, with the time
 * each step took: of the levels, or with `--patch` and `--backup` of those; without it the demo shows all and stays up until Ctrl-C.
 * Runs inside the box of the test bed; `npm run demo` starts it there.
 */
import { parseArgs } from 'node:util';
import { CUSTOMER, catalogue, guest, newKeyPair } from '../steward/guestorders.ts';
import { loginsOf } from '../steward/logins.ts';
import { playStorageLocation } from '../steward/playedvelero.ts';
import { queryPrometheus } from '../steward/prometheus.ts';
import { PROMISES_ANNOTATION } from '../steward/promises.ts';
import { type Service, startService } from '../steward/service.ts';
import { inGuest, type Login } from '../steward/ssh.ts';
import { spoken } from '../testbed/build/progress.ts';
import type { KubeObject } from '../testbed/client/client.ts';
import { type NodeVelero, startVeleroOnNode } from '../testbed/node/velero/velero.ts';
import { demonstrateBackup } from './backupdemo.ts';
import { onInterruption } from './interruption.ts';
import { newObserver, type Observer } from './observer.ts';
import { demonstratePatching } from './patchdemo.ts';
import { newSteps } from './steps.ts';

const NAMESPACE = 'acme';
const KINDS = 'managedvms';
const LIMIT_SECONDS = 900;

const customerKey = newKeyPair(`${CUSTOMER}@acme.example`);

const everyLevel =
  'Ready=True/Running,Supported=True,Provisioned=True,Available=True,AgentConnected=True,Configured=True/AsOrdered,RestartPending=False';
const unwatched = `${everyLevel},Monitored=Unknown/NotIncluded,PatchCompliant=Unknown/NotIncluded`;
const watched = `${everyLevel},Monitored=True/PrometheusWatches,PatchCompliant=Unknown/NoPatchPolicy`;

/** One VM at each level of MO-7, and what its conditions must become. */
const orders = [
  order('build-host', unwatched, { serviceLevel: 'Admin' }),
  order('shop-web', watched, { serviceLevel: 'MonitoringAndPatching', services: ['ssh'] }),
  order('shop-db', `${watched},BackupCompliant=Unknown/NoBackupYet`, {
    serviceLevel: 'AdvancedMonitoringAndPatching',
    services: ['ssh'],
    backupPolicyRef: { name: 'daily' },
  }),
];

function order(name: string, promises: string, spec: Readonly<Record<string, unknown>>): KubeObject {
  const ordered = guest(NAMESPACE, name, customerKey.publicKey, spec);
  return { ...ordered, metadata: { ...ordered.metadata, annotations: { [PROMISES_ANNOTATION]: promises } } };
}

const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
const daily = {
  apiVersion: 'managed.systems/v1alpha1',
  kind: 'BackupPolicy',
  metadata: { name: 'daily', namespace: NAMESPACE },
  spec: {
    tiers: [{ name: 'daily', schedule: '0 1 * * *', retention: '720h' }],
    recoveryPointObjective: '26h',
    timeZone: 'Europe/Berlin',
  },
};

/** MO-8: both keys open the guest, which proves itself with the host key on record. */
async function logIn(service: Service, name: string): Promise<void> {
  const { customer, provider } = await loginsOf(service.client, NAMESPACE, name, customerKey.privateKey);
  await expectAnswer(customer, 'id -un', CUSTOMER);
  await expectAnswer(provider, 'sudo id -un', 'root');
}

async function expectAnswer(login: Login, command: string, expected: string): Promise<void> {
  const answer = (await inGuest(login, command)).trim();
  if (answer !== expected) throw new Error(`“${command}” as ${login.user} answered “${answer}”, not “${expected}”`);
}

/** MO-5: sensors in monitored guests answer Prometheus; a guest at Admin has none. */
async function lookAtSensors(service: Service): Promise<void> {
  const up = await queryPrometheus(service.addresses.prometheus, `up{namespace="${NAMESPACE}",managed_vm!=""} == 1`);
  const scraped = up.map(({ metric }) => metric.managed_vm).sort();
  if (scraped.join() !== 'shop-db,shop-web') throw new Error(`Prometheus scrapes ${scraped.join(', ') || 'no guest'}`);
  const { provider } = await loginsOf(service.client, NAMESPACE, 'build-host', customerKey.privateKey);
  await expectAnswer(provider, 'command -v prometheus-node-exporter || echo none', 'none');
}

const { values: flags } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    patch: { type: 'boolean', default: false },
    backup: { type: 'boolean', default: false },
  },
});
const shows = {
  levels: !(flags.once && (flags.patch || flags.backup)),
  patching: !flags.once || flags.patch,
  backup: !flags.once || flags.backup,
};
const interruption = onInterruption();
const { say, step, summary } = newSteps();

async function demonstrate(service: Service): Promise<void> {
  const { bed } = service;
  const conditions = ['Ready', 'AgentConnected', 'Monitored', 'PatchCompliant', 'BackupCompliant'];
  const observer = newObserver({ bed, kinds: KINDS, conditions, everyMs: 3000, interruption, say });
  await step('The catalogue is applied', async () => {
    await observer.kubectl(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: catalogue });
  });
  const demo = { service, observer, interruption, customerKey, bootSeconds: LIMIT_SECONDS, say, step };
  const shown: string[] = [];
  if (shows.levels) {
    await demonstrateLevels(service, observer);
    shown.push('every VM has reached the state it promises');
  }
  if (shows.patching) {
    await demonstratePatching(demo);
    shown.push('the guest was patched in its window');
  }
  if (shows.backup) shown.push(`what was lost came back in ${spoken(await demonstrateBackup(demo))}`);
  console.log(`\n${summary()}\n`);
  say(shown.join('; '));
  if (flags.once) return;
  console.log(
    `\nexport KUBECONFIG=${service.addresses.kubeconfig}\n\nChanges are printed as they happen. Ctrl-C ends all.`,
  );
  await observer.untilInterrupted();
}

function startVelero({ bed }: Service): Promise<NodeVelero> {
  return startVeleroOnNode({ ...bed, importImage: async archive => bed.node?.importImage(archive) }, say);
}

async function demonstrateLevels(service: Service, observer: Observer): Promise<void> {
  await step('A backup policy and one VM at each level are applied', async () => {
    if (!shows.backup) await playStorageLocation(service.bed);
    const items = [namespace, daily, ...orders];
    await observer.kubectl(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  });
  await step('Every VM boots and keeps what its annotation promises', async () => {
    const broken = await observer.untilKept(LIMIT_SECONDS);
    if (broken.length > 0) throw new Error(broken.join('\n'));
  });
  for (const { metadata } of orders)
    await step(`Customer and provider log in to ${metadata.name} by their keys`, () => logIn(service, metadata.name));
  await step('Sensors are read in the monitored guests and absent at Admin', () => lookAtSensors(service));
  console.log(`\n${await observer.kubectl(['get', KINDS, '-A', '-o', 'wide'])}`);
}

const service = await step('A node starts, and Steward on it from its image', () => startService(say));
let velero: NodeVelero | undefined;
try {
  if (shows.backup)
    velero = await step('Velero is installed, with its node agent and an object store', () => startVelero(service));
  await demonstrate(service);
} catch (error) {
  if (!interruption.signal.aborted) console.error(`not as promised: ${error instanceof Error ? error.message : error}`);
  process.exitCode = interruption.signal.aborted ? 130 : 1;
} finally {
  await velero?.stop();
  await service.stop();
}
