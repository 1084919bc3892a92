import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import * as upstream from '../../../src/api/upstream.ts';
import { ownedKinds, READINGS } from '../../../src/controllers/managedvm/readings.ts';
import { OWNER_KIND_LABEL, OWNER_UID_LABEL } from '../../../src/domain/contract/child.ts';
import { KEY_PLACES } from '../../../src/domain/machine/keymove.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import { compareResourceVersions } from '../../../src/runtime/api/object.ts';
import { type Case, type FaultClass, namesOf, type Outcome, runCases } from '../cases.ts';
import { OWN_KINDS } from '../cluster/ownkinds.ts';
import type { Live } from '../cluster/world.ts';
import { type CopyCase, copyOf, EXPORTED, RESTORED, runWithCopies, WAYS } from '../copies.ts';
import type { Fault } from '../interception.ts';
import { act, isIn, type Operation, type OwnKind, orderOfLife } from '../lives.ts';
import { FOREIGN_KEY } from '../picture.ts';
import type { FaultRun, Running } from '../run.ts';

/** Everything is settled before this one. */
const SETTLED: Operation = 'ManagedVM update';
const DELETED = 'ManagedVM delete';
/** The same where there is an application. */
const WATCHED = 'ManagedApplication update';
/** The same where something does not work. */
const TROUBLED: Operation = 'Incident update';
const FORGOTTEN = { timeline: null, incidents: null, count: null, response: null, phase: null };
/** Somebody else writes the same field again as often as this, as soon as it is healed. */
const ROUNDS = 8;

/** The first write must come again a second later; what leaves a selector is told after that. */
const TOLD_LATE: Fault = {
  write: number =>
    number === 1 ? { status: 429, headers: { 'retry-after': '1' }, body: '{"message":"not now"}' } : 'pass',
  event: (_, { type }) => (type === 'DELETED' ? 'last' : 'pass'),
};
const LATE_MS = 2_500;

/** Of these every object is watched, so that nothing of theirs leaves the selector. */
const WATCHED_WHOLE = new Set(
  ownedKinds(READINGS, { keys: KEY_PLACES, veleroNamespace: '' }).flatMap(({ kind, selector }) =>
    selector === '' ? [kind] : [],
  ),
);

const MARK = 'managed.systems/mark';
const HASH = 'managed.systems/applied-hash';

type Child = {
  readonly kind: ResourceKind;
  /** The object of that kind in a case's namespace. */
  readonly is: (object: Live) => boolean;
  /** An edit of a field of ours; a DataVolume's cannot be edited. */
  readonly edit?: object;
  readonly referring?: boolean;
  /** Default: the life of a ManagedVM. */
  readonly operation?: Operation;
};

const named = (name: string) => (object: Live) => object.metadata.name === name;
const children: readonly Child[] = [
  { kind: upstream.VirtualMachine, is: named('vm'), edit: { spec: { runStrategy: 'Manual' } } },
  { kind: upstream.DataVolume, is: named('vm-root') },
  { kind: upstream.Service, is: named('vm-metrics'), edit: { spec: { selector: null } } },
  { kind: upstream.ServiceMonitor, is: named('vm-metrics'), edit: { spec: { endpoints: [] } } },
  { kind: upstream.PrometheusRule, is: named('vm-overrides'), edit: { spec: { groups: [] } } },
  { kind: upstream.PrometheusRule, is: named('steward-defaults'), edit: { spec: { groups: [] } }, referring: false },
  {
    kind: upstream.VeleroSchedule,
    is: ({ metadata }) => metadata.name.includes('-vm-yearly-'),
    edit: { spec: { schedule: '0 0 1 1 *' } },
    referring: false,
  },
  { kind: upstream.Probe, is: named('orders-outside'), edit: { spec: { module: 'icmp' } }, operation: WATCHED },
];

/** Somebody else edits, strips and deletes: what is ours is healed, what is theirs stays, and nobody fights for ever. */
export const otherWriter: FaultClass = {
  id: 7,
  title: 'another writer',
  names: run => namesOf([...allOf(run), ...copied()]),
  run: async (run, only) => {
    const wanted = <Named extends { readonly name: string }>(cases: readonly Named[], sample: number): Named[] =>
      run.chosen(
        cases.filter(({ name }) => only(name)),
        sample,
      );
    const outcomes: Outcome[] = await runCases(run, wanted(allOf(run), 12));
    return [...outcomes, ...(await runWithCopies(run, wanted(copied(), 3)))];
  },
};

/** Somebody copies the children, and every pass that follows leaves the copies alone. */
function copied(): CopyCase[] {
  const operations = [SETTLED, 'BackupPolicy update', 'OperatingSystem update', 'Product update'] as const;
  return operations.flatMap(operation =>
    [...WAYS, EXPORTED].map(way => ({ operation, way, name: `${operation}, every child is ${way.how}` })),
  );
}

function allOf(run: FaultRun): Case[] {
  return [...children.flatMap(child => casesOf(run, child)), ...ownCases(run)];
}

function casesOf(run: FaultRun, child: Child): Case[] {
  const { kind, edit, referring = true, operation = SETTLED } = child;
  const find = (scope: string) => {
    const object = run.world.all(kind, scope).find(child.is);
    if (object === undefined) throw new Error(`no ${kind.kind} in ${scope}`);
    return object;
  };
  const path = (object: Live) => pathOf(kind, object.metadata.namespace, object.metadata.name);
  const patch = (what: object) => async (scope: string) => {
    await run.bed.client.patch('merge', path(find(scope)), what);
  };
  const title = `${kind.kind}${child.is({ metadata: { name: 'steward-defaults' } }) ? ' of the namespace' : ''}`;
  const comeBack = async (scope: string, { interception }: Running) => {
    await patch({ metadata: { labels: { [OWNER_KIND_LABEL]: 'Other' } } })(scope);
    await run.until('the heal was refused', () => interception.met(scope));
    await patch({ metadata: { labels: { [OWNER_UID_LABEL]: null } } })(scope);
    const isBack = () => find(scope).metadata.labels?.[OWNER_UID_LABEL] !== undefined;
    await run.until('our write has brought it back', isBack);
    await sleep(LATE_MS);
  };
  const all: ((Omit<Case, 'operation'> & Partial<Pick<Case, 'operation'>>) | undefined)[] = [
    edit && { name: `${title}: a field of ours is edited`, act: patch(edit) },
    edit && {
      name: `${title}: a field of ours is edited again and again`,
      act: async scope => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const edited = (await run.bed.client.patch('merge', path(find(scope)), edit)) as Live;
          await run.until('the edit is healed', () => isNewer(run.world.all(kind, scope).find(child.is), edited));
        }
      },
    },
    {
      name: `${title}: a field of theirs is added`,
      act: patch({ metadata: { annotations: { [FOREIGN_KEY]: 'kept' } } }),
      check: scope =>
        find(scope).metadata.annotations?.[FOREIGN_KEY] === 'kept' ? undefined : 'the foreign field is gone',
    },
    {
      name: `${title}: its labels are taken away`,
      act: scope => patch({ metadata: { labels: nothingOf(find(scope).metadata.labels) } })(scope),
    },
    {
      name: `${title}: its labels are taken away and put back`,
      act: async scope => {
        const object = find(scope);
        const { labels } = object.metadata;
        await run.bed.client.patch('merge', path(object), { metadata: { labels: nothingOf(labels) } });
        await run.bed.client.patch('merge', path(object), { metadata: { labels } });
      },
    },
    WATCHED_WHOLE.has(kind)
      ? undefined
      : {
          name: `${title}: it leaves the selector, our write brings it back, and both are told late`,
          ...{ fault: TOLD_LATE, act: comeBack },
        },
    kind === upstream.VeleroSchedule
      ? {
          // No garbage collector takes it along: what is no longer known would be left behind.
          ...{ name: `${title}: it leaves the selector, comes back, and its ManagedVM is deleted`, fault: TOLD_LATE },
          ...{ operation: DELETED, ends: 'final' },
          act: async (scope, running) => {
            await comeBack(scope, running);
            await act(run.bed.client, DELETED, scope);
          },
        }
      : undefined,
    {
      name: `${title}: its annotations are taken away`,
      act: scope => patch({ metadata: { annotations: nothingOf(find(scope).metadata.annotations) } })(scope),
    },
    {
      name: `${title}: its annotations are written anew`,
      act: patch({ metadata: { annotations: { [MARK]: 'x', [HASH]: '' } } }),
    },
    {
      name: `${title}: it is deleted and restored with its labels and annotations`,
      act: async scope => {
        const object = find(scope);
        await run.bed.client.delete(path(object));
        // As a restore does, it leaves alone what is there again already.
        await copyOf(run, kind, object, RESTORED).catch(() => undefined);
      },
    },
    referring
      ? { name: `${title}: its owner reference is taken away`, act: patch({ metadata: { ownerReferences: null } }) }
      : undefined,
    {
      name: `${title}: it is deleted`,
      act: async scope => {
        await run.bed.client.delete(path(find(scope)));
      },
    },
    kind === upstream.DataVolume ? filledAndGone(run, find) : undefined,
  ];
  return all.flatMap(each => (each === undefined ? [] : [{ operation, ...each }]));
}

/**
 * A disk that was filled is never made anew (design 4): it is told, and all that has nothing to do with it stays as it was. Nobody fills
 * disks in this bed, so the tester does.
 */
function filledAndGone(run: FaultRun, find: (scope: string) => Live): Omit<Case, 'operation'> {
  const { client } = run.bed;
  const concerned = /^(ManagedVM|VirtualMachine|DataVolume|Schedule|BackupPolicy) /;
  const statusOf = (scope: string) => run.world.all(managedVM, scope)[0]?.status as Status | undefined;
  const isRemembered = (scope: string) => statusOf(scope)?.disks?.some(disk => disk.claimUID !== undefined) ?? false;
  return {
    name: 'DataVolume: its disk was filled, and it is deleted with its claim',
    act: async scope => {
      const dataVolume = find(scope);
      const claim = await fill(run, dataVolume);
      await run.until('the disk is remembered', () => isRemembered(scope));
      await client.delete(pathOf(upstream.DataVolume, scope, dataVolume.metadata.name));
      // The garbage collector may have been faster.
      await client.delete(claim).catch(() => undefined);
      await client.patch('merge', claim, { metadata: { finalizers: null } }).catch(() => undefined);
    },
    sight: line => !concerned.test(line),
    check: scope => {
      const volumes = run.world.all(upstream.DataVolume, scope).map(({ metadata }) => metadata.name);
      if (volumes.includes('vm-root')) return 'the lost disk was made anew';
      const reason = statusOf(scope)?.conditions.find(({ type }) => type === 'Ready')?.reason;
      return reason === 'DiskLost' ? undefined : `Ready says ${reason}`;
    },
  };
}

/** Makes the claim of a DataVolume and says that both are filled, as CDI and storage do; the claim's path. */
async function fill({ bed: { client } }: FaultRun, { metadata: { namespace, name, uid = '' } }: Live): Promise<string> {
  const owner = { apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataVolume', name, uid, controller: true };
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } };
  const metadata = { name, ...(namespace !== undefined && { namespace }), ownerReferences: [owner] };
  const claims = pathOf(upstream.PersistentVolumeClaim, namespace);
  await client.create(claims, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec } as KubeObject);
  await client.patch('merge', `${claims}/${name}/status`, {
    status: { phase: 'Bound', capacity: { storage: '20Gi' } },
  });
  const succeeded = { status: { phase: 'Succeeded' } };
  await client.patch('merge', `${pathOf(upstream.DataVolume, namespace, name)}/status`, succeeded);
  return `${claims}/${name}`;
}

type Status = {
  readonly conditions: readonly { readonly type: string; readonly reason: string }[];
  readonly disks?: readonly { readonly claimUID?: string }[];
};

/** Objects of ours: their finalizer and their statuses. */
function ownCases(run: FaultRun): Case[] {
  const nameOf = ({ kind }: ResourceKind, scope: string) => orderOfLife(kind as OwnKind, scope).metadata.name;
  const patch = (kind: ResourceKind, what: object, subresource = '') => {
    return async (scope: string) => {
      await run.bed.client.patch('merge', `${pathOf(kind, scope, nameOf(kind, scope))}${subresource}`, what);
    };
  };
  const finalizer = { metadata: { finalizers: null } };
  const lived = OWN_KINDS.filter(({ kind }) => isIn(kind, 'ManagedVM'));
  const troubles = OWN_KINDS.filter(({ kind }) => isIn(kind, 'Incident') && !isIn(kind, 'ManagedVM'));
  const each = (kind: ResourceKind) => [
    {
      name: `${kind.kind}: its conditions are taken away`,
      act: patch(kind, { status: { conditions: null } }, '/status'),
    },
    {
      name: `${kind.kind}: its status says it is of an older generation`,
      act: patch(kind, { status: { observedGeneration: 0 } }, '/status'),
    },
  ];
  const cases = [{ name: 'ManagedVM: its finalizer is taken away', act: patch(managedVM, finalizer) }];
  return [
    ...[...cases, ...lived.flatMap(each)].map(one => ({ operation: SETTLED, ...one })),
    ...troubles
      .flatMap(kind => [
        ...each(kind),
        // All of it follows from what was seen, what people did, and the time.
        { name: `${kind.kind}: what it has noted is taken away`, act: patch(kind, { status: FORGOTTEN }, '/status') },
      ])
      .map(one => ({ operation: TROUBLED, ...one })),
  ];
}

function isNewer(live: Live | undefined, edited: Live): boolean {
  const version = (object: Live | undefined) => object?.metadata.resourceVersion ?? '';
  return compareResourceVersions(version(live), version(edited)) > 0;
}

function nothingOf(labels: Readonly<Record<string, string>> = {}): Record<string, null> {
  return Object.fromEntries(Object.keys(labels).map(label => [label, null]));
}
