/** Orders that were stored when the schema did not know a field yet: the same children as if nobody had ever asked for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../../hack/testbed/client/path.ts';
import { managedVM } from '../../../../src/api/managedvm.ts';
import { VirtualMachine } from '../../../../src/api/upstream.ts';
import {
  advancedPlan,
  changeOf,
  contractOf,
  dailyPolicy,
  decisionOn,
  linuxSystem,
  machine,
  offeredDatabase,
  orderedDatabase,
  ownPatches,
  problemOf,
  regularHours,
  reportOf,
  restoreOrder,
  standardBackups,
  standardPatches,
  weeklyWindow,
  workOrder,
} from '../../../integration/support/orders.ts';
import type { Outcome } from '../../cases.ts';
import { currentCrds, enforce, type OwnCrds } from '../../cluster/crds.ts';
import { OWN_KINDS } from '../../cluster/ownkinds.ts';
import {
  defaultedFields,
  type FieldPath,
  FUTURE_FIELD,
  hasValue,
  optionalFields,
  withoutFields,
  withoutValues,
} from '../../cluster/schemas.ts';
import { NOBODY } from '../../lives.ts';
import { differences, explain } from '../../picture.ts';
import type { FaultRun, Running } from '../../run.ts';

type Order = KubeObject & { readonly spec: Readonly<Record<string, unknown>> };
export type OldSchema = {
  readonly name: string;
  readonly kind: string;
  /** What the older schema did not know. */
  readonly fields: readonly FieldPath[];
  /** Whether the operator runs while the schema changes under it. */
  readonly live: boolean;
};

const BACKUPS = {
  tiers: [{ name: 'yearly', schedule: '0 1 2 1 *', retention: '720h' }],
  ...{
    spread: '1m',
    recoveryPointObjective: '9000h',
    timeZone: 'UTC',
    consistency: 'CrashConsistent',
    storageLocation: 'default',
  },
};
/** An order for which the field is left to what today's schema says, and so may be missing. */
const RICH: Readonly<Record<string, Order>> = {
  Approval: decisionOn('NS', 'yes', 'grow', `sha256:${'0'.repeat(64)}`, {
    ...{ comment: 'After the release', validUntil: '2096-01-01T00:00:00Z' },
  }),
  ChangeRequest: changeOf('NS', 'grow', 'vm', {
    window: { notBefore: '2095-01-01T00:00:00Z', notAfter: '2096-01-01T00:00:00Z' },
    agreement: { parties: [{ party: 'Customer' }], until: '2095-06-01T00:00:00Z' },
  }),
  ServiceRequest: workOrder('NS', 'NS-tune', 'vm', { notBefore: '2095-01-01T00:00:00Z' }),
  Incident: reportOf('NS', 'inc-slow', 'vm', {
    report: { by: 'anna', text: 'It is slow.', impact: 3, urgency: 3 },
    handling: {
      ...{ acknowledgedBy: 'kim', assignee: 'kim', notes: [{ by: 'kim', text: 'I look.' }] },
      resolution: { outcome: 'Mended', cause: 'A cache was cold.', by: 'kim', effort: '1h' },
    },
  }),
  Problem: problemOf('NS', 'prb-again', 'vm', NOBODY, 'ManagedVMAgentLost', {
    since: '2026-01-01T00:00:00Z',
    terms: { incidents: 3, within: '720h', heldFor: '720h' },
    handling: {
      ...{
        assignee: 'kim',
        knownError: { text: 'Its node is old.', by: 'kim' },
        workaround: { text: 'Wait.', by: 'kim' },
      },
      remedy: { change: { name: 'grow' }, by: 'kim' },
    },
  }),
  ManagedVM: machine('NS', 'vm', {
    ...{ operatingSystem: 'os-NS', powerState: 'Stopped', restartPolicy: 'Automatic', deletionProtection: false },
    virtualMachineName: 'machine',
    sizing: { cpu: 2, memory: '3Gi' },
    disks: [
      { name: 'root', size: '20Gi', reclaimPolicy: 'Delete' },
      { name: 'data', size: '5Gi', reclaimPolicy: 'Delete' },
    ],
    networks: [{ name: 'lan' }],
    access: { users: [{ name: 'ada', sshKeys: [`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)} ada`] }] },
    services: ['nginx'],
    alertThresholds: {
      ...{ cpuPercent: 70, memoryPercent: 71, pendingFor: '20m' },
      ...{ fileSystemWarningPercent: 60, fileSystemCriticalPercent: 95 },
    },
    patchPolicyRef: { kind: 'PatchPolicy', name: 'yearly' },
    backupPolicyRef: { kind: 'BackupPolicy', name: 'daily' },
  }),
  BackupPolicy: dailyPolicy('NS', 'daily', BACKUPS),
  ClusterBackupPolicy: standardBackups('cbp-NS', BACKUPS),
  OperatingSystem: linuxSystem('os-NS', {
    defaults: { cpu: 3, memory: '5Gi', rootDisk: '30Gi' },
    lifeCycle: {
      ...{ released: '2025-08-09', endOfSupport: '2098-08-09', endOfExtendedSupport: '2099-08-09' },
      source: 'https://www.example.org/releases',
    },
  }),
  ServicePlan: advancedPlan('plan-NS', 'cal-NS', {
    backup: { recoveryPointObjective: '26h', recoveryTimeObjective: '4h' },
    prices: {
      ...{ currency: 'EUR', perMonth: '49.00', effortPerHour: '120.00', billWhenStopped: false },
      onDemand: [{ service: 'PatchRun', price: '25.00' }],
    },
  }),
  Contract: contractOf('ctr-NS', ['NS'], 'plan-NS', {
    ...{ language: 'en', timeZone: 'UTC' },
    contacts: [{ name: 'anna', user: 'oidc:anna', email: 'anna@acme.example', roles: ['Approver'] }],
    bridges: [{ name: 'Argo CD', user: 'argocd' }],
  }),
  MaintenanceWindow: weeklyWindow('NS', 'yearly', {
    ...{ schedule: '0 1 2 1 *', timeZone: 'UTC', validFrom: '2020-01-01', validUntil: '2096-12-31' },
    exclusions: [{ from: '2090-12-15', to: '2091-01-06', reason: 'Christmas trade' }],
  }),
  PatchPolicy: ownPatches('NS', 'yearly', 'yearly', {
    approve: {
      ...{ updates: 'Security', severities: ['Critical'], allow: ['lib*'], deny: ['linux-*'] },
      minimumAge: { Critical: '1h', Important: '2h', Other: '3h' },
      exclude: [{ package: 'docker-ce', reason: 'CHG-4711', until: '2096-01-31' }],
    },
    deadlines: { Critical: '48h', Important: '200h', Other: '500h' },
    rings: [
      { name: 'first', selector: { matchLabels: { ring: 'first' } }, maxParallel: 1, soak: '1h' },
      { name: 'rest' },
    ],
    ...{ reboot: 'Never', rollback: 'Never', snapshot: true, keep: '9999h', suspend: true },
    resume: { ring: 'first', afterRun: 'NS/vm-yearly', reason: 'the disk was full' },
  }),
  ClusterPatchPolicy: standardPatches('cpp-NS', {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'NS' } },
    windows: [{ name: 'yearly', schedule: '0 3 2 1 *', timeZone: 'UTC', duration: '2h', cutoff: '40m' }],
    approve: { updates: 'Security', minimumAge: { Critical: '1h', Important: '2h', Other: '3h' } },
    deadlines: { Critical: '48h', Important: '200h', Other: '500h' },
    ...{ reboot: 'Always', rollback: 'Never', snapshot: true, keep: '9999h', suspend: true },
  }),
  Restore: restoreOrder('NS', 'again', 'gone', { disks: ['root'] }),
  Product: offeredDatabase('app-NS', 'os-NS', {
    agreement: 'Catalogue',
    conflicts: ['other'],
    modules: [{ name: 'pg_trgm' }],
  }),
  ManagedApplication: orderedDatabase('NS', 'orders', 'app-NS', 'vm', {
    ...{ parameters: { work_mem: 8 }, modules: ['pg_trgm'], windowRef: 'yearly' },
  }),
  ServiceCalendar: regularHours('cal-NS', {
    timeZone: 'UTC',
    holidays: {
      region: 'DE-NI',
      additional: [{ date: '2096-02-29', name: 'Leap day' }],
      removed: [{ date: '2096-10-31', name: 'Inventory' }],
    },
  }),
};
/** What an order may not leave out once it is there, by today's rules; and a selector, without which a policy is for the namespaces of every case. */
const DUE = [
  ...['image.http', 'holidays.region', 'availability', 'incidents', 'patching', 'agreement', 'description'],
  ...['namespaceSelector', 'namespaceSelector.matchLabels', 'point.latest', 'target.inPlace'],
];

/** Each optional field that the rich order has, of each kind; and before the eyes of an operator those with defaults, and all at once. */
export function oldSchemas(crds: OwnCrds): OldSchema[] {
  return [...crds].flatMap(([kind, crd]) => {
    const known = (field: FieldPath) => hasValue(RICH[kind] ?? {}, field) && !DUE.includes(field.join('.'));
    const single = optionalFields(crd).filter(known);
    const named = (fields: readonly FieldPath[], live: boolean, what: string): OldSchema => ({
      ...{ kind, fields, live },
      name: `${kind} stored under a schema without ${what}${live ? ', while the operator ran' : ''}`,
    });
    return [
      ...single.map(field => named([field], false, field.join('.'))),
      named(
        single.filter(({ length }) => length === 1),
        true,
        'any optional field',
      ),
      ...defaultedFields(crd).map(field => named([field], true, field.join('.'))),
    ];
  });
}

/** One case of each kind at a time, so that a change of the schemas serves all of them: each namespace then lacks the fields of each. */
export async function runOldSchemas(run: FaultRun, cases: readonly OldSchema[]): Promise<Outcome[]> {
  const pairs = await pairsOf(run, cases);
  const stored = pairs.filter(({ one }) => !one.live);
  const outcomes = stored.length === 0 ? [] : await storedBefore(run, stored);
  for (const round of roundsOf(pairs.filter(({ one }) => one.live))) outcomes.push(...(await meanwhile(run, round)));
  return outcomes;
}

/** The namespace of what was stored under an older schema, and that of the same order under today's. */
type Pair = { readonly one: OldSchema; readonly old: string; readonly plain: string };

async function pairsOf(run: FaultRun, cases: readonly OldSchema[]): Promise<Pair[]> {
  const scopes = await run.scopes(2 * cases.length);
  return cases.map((one, index) => {
    const [old = '', plain = ''] = scopes.slice(2 * index);
    for (const scope of [old, plain]) run.label(scope, one.name);
    return { one, old, plain };
  });
}

function roundsOf(pairs: readonly Pair[]): Pair[][] {
  const byKind = [...Map.groupBy(pairs, ({ one }) => one.kind).values()];
  const rounds = Math.max(0, ...byKind.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => byKind.flatMap(each => each.slice(round, round + 1)));
}

/** Nobody writes what was stored before all are: it would lose the fields that the next schema does not know. */
async function storedBefore(run: FaultRun, pairs: readonly Pair[]): Promise<Outcome[]> {
  const crds = await currentCrds();
  const rounds = roundsOf(pairs);
  try {
    for (const round of rounds) await storeUnderOld(run, crds, round);
  } finally {
    await restore(run, crds);
  }
  return comeToTheirEnd(run, rounds);
}

async function meanwhile(run: FaultRun, round: readonly Pair[]): Promise<Outcome[]> {
  const crds = await currentCrds();
  const running = await run.start();
  try {
    await storeUnderOld(run, crds, round);
    await run.still(running, 1_000);
  } finally {
    await restore(run, crds);
    await running.steward.stop();
  }
  return comeToTheirEnd(run, [round]);
}

async function storeUnderOld(run: FaultRun, crds: OwnCrds, round: readonly Pair[]): Promise<void> {
  await restore(run, crds);
  await Promise.all(
    round.map(async ({ one: { kind, fields } }) => {
      const crd = crds.get(kind);
      if (crd === undefined) return;
      await enforce(run, withoutFields(crd, fields), orderOf(kind, 'default'), each => {
        return each !== undefined && fields.every(field => !hasValue(each, field));
      });
    }),
  );
  await Promise.all(round.map(({ old }) => store(run, old)));
}

async function comeToTheirEnd(run: FaultRun, rounds: readonly (readonly Pair[])[]): Promise<Outcome[]> {
  await Promise.all(
    rounds.flatMap(round => {
      const lacking = round.map(({ one }) => one);
      return round.map(({ plain }) => store(run, plain, lacking));
    }),
  );
  const running = await run.start();
  const outcomes = await compare(run, running, rounds.flat());
  await running.steward.stop();
  return outcomes;
}

/** Today's schemas again. */
export async function restore(run: FaultRun, crds: OwnCrds): Promise<void> {
  await Promise.all(
    [...crds].map(([kind, crd]) => {
      const fields = optionalFields(crd).filter(field => hasValue(RICH[kind] ?? {}, field));
      return enforce(run, crd, orderOf(kind, 'default'), each => {
        return each !== undefined && fields.every(field => hasValue(each, field)) && !hasValue(each, [FUTURE_FIELD]);
      });
    }),
  );
}

/** The three orders of a namespace, without what each of their schemas did not know. */
async function store(run: FaultRun, scope: string, lacking: readonly OldSchema[] = []): Promise<void> {
  for (const kind of OWN_KINDS.toReversed()) {
    const fields = lacking.filter(each => each.kind === kind.kind).flatMap(each => each.fields);
    await run.bed.client.create(pathOf(kind, scope), withoutValues(orderOf(kind.kind, scope), fields));
  }
}

export function orderOf(kind: string, scope: string): Order {
  return JSON.parse(JSON.stringify(RICH[kind]).replaceAll('NS', scope)) as Order;
}

/** What was stored long ago ends like what was ordered today without the field, and that end is a machine. */
async function compare(run: FaultRun, running: Running, pairs: readonly Pair[]): Promise<Outcome[]> {
  await run.until('every order has been looked at', async () => (await running.steward.passes()) >= pairs.length * 6);
  await run.still(running, 1_500);
  const end = performance.now() + run.limitMs;
  let wrong = await parted(run, pairs);
  while (wrong.size > 0 && performance.now() < end) {
    await sleep(1_000);
    wrong = await parted(run, pairs);
  }
  return pairs.map(({ one: { name }, old, plain }) => {
    const made = run.world.all(VirtualMachine, plain).length === 1 && run.world.all(managedVM, old).length === 1;
    const failure = made ? wrong.get(old) : 'no machine was made';
    if (failure === undefined) return { name };
    return {
      name,
      failure: [`in ${old}: ${failure}`, ...running.interception.journal(old).slice(-8)].join('\n      '),
    };
  });
}

async function parted(run: FaultRun, pairs: readonly Pair[]): Promise<Map<string, string>> {
  const wrong = new Map<string, string>();
  for (const { old, plain } of pairs) {
    const found = differences(await run.freshPicture(plain), await run.freshPicture(old));
    if (found.length > 0) wrong.set(old, explain(found).join('\n      '));
  }
  return wrong;
}
