import { pathOf } from '../../../hack/testbed/client/path.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { BATCH, type FaultClass, namesOf, type Outcome } from '../cases.ts';
import { prepare, YEARLY } from '../lives.ts';
import { differences, type Picture } from '../picture.ts';
import type { Random } from '../random.ts';
import { type FaultRun, REFERENCE_STILL_MS, type Running } from '../run.ts';

type Fields = Readonly<Record<string, unknown>>;
/** Specs of the three kinds; a field that is null is not set. */
type Specs = { readonly machine: Fields; readonly policy: Fields; readonly system: Fields };

const WALKS = 180;
/** A merge patch keeps what it does not name. */
const NO_THRESHOLDS = { cpuPercent: null, memoryPercent: null, pendingFor: null };

const LAN = { name: 'lan', multusNetwork: 'lan', addresses: ['10.20.0.5/24'], gateways: ['10.20.0.1'] };

/** Generated specs A, then B, then A: the children are exactly A's again. */
export const walks: FaultClass = {
  id: 10,
  title: 'spec walks A→B→A',
  names: run => namesOf(walksOf(run)),
  run: async (run, only) => {
    const chosen = run.chosen(
      walksOf(run).filter(({ name }) => only(name)),
      8,
    );
    const outcomes: Outcome[] = [];
    for (let first = 0; first < chosen.length; first += BATCH)
      outcomes.push(...(await walk(run, chosen.slice(first, first + BATCH))));
    return outcomes;
  },
};

type Walk = { readonly name: string; readonly a: Specs; readonly b: Specs };

function walksOf(run: FaultRun): Walk[] {
  return Array.from({ length: WALKS }, (_, index) => ({
    name: `walk ${index + 1}`,
    ...{ a: specsOf(run.random), b: specsOf(run.random) },
  }));
}

async function walk(run: FaultRun, each: readonly Walk[]): Promise<Outcome[]> {
  const scopes = await run.scopes(each.length);
  for (const [index, scope] of scopes.entries()) run.label(scope, each[index]?.name ?? '');
  const running = await run.start();
  await Promise.all(scopes.map(scope => prepare(run.bed.client, 'ManagedVM update', scope)));
  await run.still(running);
  const step = async (which: 'a' | 'b') => {
    await Promise.all(each.map((one, index) => order(run, scopes[index] ?? '', one[which])));
    return settled(run, running, scopes);
  };
  const first = await step('a');
  const between = await step('b');
  await step('a');
  const expected = new Map(scopes.map((scope, index) => [scope, first[index] ?? []]));
  const wrong = await run.converge(expected, undefined, { generations: false });
  await running.steward.stop();
  return each.map(({ name, a, b }, index) => {
    const scope = scopes[index] ?? '';
    const same = differences(first[index] ?? [], between[index] ?? []).length === 0;
    const found = wrong.get(scope);
    if (found === undefined) return { name, idle: same };
    return { name, failure: `A ${JSON.stringify(a)}\n      B ${JSON.stringify(b)}\n      ${found}` };
  });
}

async function settled(run: FaultRun, running: Running, scopes: readonly string[]): Promise<Picture[]> {
  await run.still(running, REFERENCE_STILL_MS);
  return scopes.map(scope => run.picture(scope, { generations: false }));
}

async function order(run: FaultRun, scope: string, { machine, policy, system }: Specs): Promise<void> {
  const patch = (path: string, spec: Fields) => run.bed.client.patch('merge', path, { spec });
  await Promise.all([
    patch(pathOf(managedVM, scope, 'vm'), machine),
    patch(pathOf(backupPolicy, scope, 'daily'), policy),
    patch(pathOf(operatingSystem, '', `os-${scope}`), system),
  ]);
}

/** Every field that may go back again, at the edges of what it takes. */
function specsOf(random: Random): Specs {
  const { pick } = random;
  const disks: Fields[] = [{ name: 'root', size: '20Gi', reclaimPolicy: 'Delete' }];
  const device = pick([undefined, { bus: 'scsi', cache: 'writeback' }, { serial: 'WD-1', bootOrder: 2 }]);
  if (pick([true, false]))
    disks.push({ name: 'swap', size: '1Gi', reclaimPolicy: 'Delete', ...(device && { device }) });
  if (pick([true, false])) disks.push({ name: 'a'.repeat(20), size: '3Gi', reclaimPolicy: 'Delete' });
  const serviceLevel = pick(['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching']);
  const mayPlan = serviceLevel === 'AdvancedMonitoringAndPatching';
  return {
    machine: {
      ...{ disks, serviceLevel },
      patchPolicyRef: pick([null, mayPlan ? { kind: 'PatchPolicy', name: YEARLY } : null]),
      powerState: pick(['Running', 'Stopped']),
      hardware: pick([
        null,
        { firmware: { type: 'EFI', secureBoot: null }, tpm: null, watchdog: 'Reset', graphics: null },
        { firmware: { type: 'BIOS', secureBoot: null }, tpm: 'Ephemeral', watchdog: null, graphics: false },
      ]),
      system: pick([
        null,
        { proxy: null, timeServers: ['10.0.0.1'] },
        { proxy: { url: 'http://p:1' }, timeServers: null },
      ]),
      placement: pick([
        null,
        { group: 'a', apart: 'Hosts', required: true },
        { group: 'b', apart: 'Zones', required: false },
      ]),
      labels: pick([null, { team: 'a', tier: null }, { team: null, tier: 'b' }]),
      annotations: pick([null, { note: 'x' }]),
      networks: pick([null, [{ name: 'default', mtu: 1400 }], [{ name: 'default' }, LAN], [LAN]]),
      restartPolicy: pick(['Manual', 'Automatic']),
      sizing: pick([null, { cpu: 1, memory: null }, { cpu: 256, memory: '512Mi' }, { cpu: null, memory: '8Gi' }]),
      services: pick([null, ['nginx'], ['a', 'cron@x.y', 'Z:9']]),
      alertThresholds: pick([null, { ...NO_THRESHOLDS, cpuPercent: 1 }, { ...NO_THRESHOLDS, memoryPercent: 99 }]),
      // Not one that is missing: schedules then stay as they were, on purpose.
      backupPolicyRef: pick([null, { kind: 'BackupPolicy', name: 'daily' }]),
      access: pick([
        null,
        { users: [{ name: 'ada', sshKeys: [`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)} ada`] }] },
      ]),
    },
    policy: {
      timeZone: pick(['Europe/Berlin', 'UTC', 'Pacific/Apia', 'America/St_Johns']),
      consistency: pick(['ApplicationConsistent', 'FilesystemConsistent', 'CrashConsistent']),
      tiers: pick([
        [{ name: 'leap', schedule: '59 23 29 2 *', retention: '1h' }],
        [{ name: 'yearly', schedule: '0 1 2 1 *', retention: '87600h' }],
        [
          { name: 'yearly', schedule: '0 1 2 1 *', retention: '720h' },
          { name: 'b', schedule: '30 2 28 3 *', retention: '72h' },
        ],
      ]),
    },
    system: {
      preference: pick([null, 'debian', 'fedora']),
      packageManager: pick(['apt', 'dnf', 'zypper']),
      // None that is near: a newer system would be offered, which is a record and does not go back.
      lifeCycle: { endOfSupport: pick(['2095-01-15', '2096-02-29', '2099-08-09']) },
      defaults: { cpu: pick([1, 2]), memory: pick(['1Gi', '2Gi']) },
    },
  };
}
