import { changeRequest } from '../../api/changerequest.ts';
import { managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { patchRun } from '../../api/patchrun.ts';
import { isDrill, isRestored, restore } from '../../api/restore.ts';
import { servicePlan } from '../../api/serviceplan.ts';
import {
  BackupStorageLocation,
  Namespace,
  NetworkPolicy,
  PersistentVolume,
  PersistentVolumeClaim,
  VeleroBackup,
  VeleroRestore,
  VirtualMachine,
  VirtualMachineInstance,
} from '../../api/upstream.ts';
import { restoreChangeName, restoreResult } from '../../domain/change/restorechange.ts';
import { OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL, OWNER_UID_LABEL } from '../../domain/contract/child.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { at, type Fields, listAt, textAt } from '../../domain/contract/json.ts';
import { drilledBy, drillMachineName } from '../../domain/restore/drillmachine.ts';
import { nextEdge, restoreAct } from '../../domain/restore/restoring.ts';
import { type TidyAct, tidyAct } from '../../domain/restore/tidy.ts';
import { tidyDrillAct, volumeOf } from '../../domain/restore/tidydrill.ts';
import { orderedBy, RESTORE_LABEL, velero, veleroRestoreName } from '../../domain/restore/velero.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type OwnedKind,
  type Reader,
  type Result,
} from '../../runtime/pass/controller.ts';
import type { Settings } from '../settings.ts';
import { applicationWatches, isInGuest } from './application.ts';
import { type Context, carryOut } from './carryout.ts';
import {
  BACKUPS_INDEX,
  changeOf,
  DRILL_INDEX,
  drillMachineKey,
  factsOf,
  OPEN,
  OPEN_INDEX,
  type Ordered,
  ordersFor,
  RUNS_INDEX,
  VM_INDEX,
  vmPathOf,
} from './facts.ts';

/** On every Restore that was looked at: nothing of it stays where it was restored into. */
export const RESTORE_FINALIZER = 'managed.systems/restore';

/** What is in the sandbox is kept by two watches, of its namespace and of all: what one has told the other may not show yet, so that it is looked at again. Milliseconds. */
const LOOK_MS = 10_000;

const UID_INDEX = 'uid';
const CHANGE_INDEX = 'change';
/** Claims in the staging namespace and in the sandbox by the Velero Restore that has made them. */
const STAGED_INDEX = 'stagedBy';

/** Carries Restores out: disks beside the old ones, the exchange, and the proof; or a drill in the sandbox (AP-13; docs/adr/0164, 0166). */
export function restoreController(settings: Settings): ControllerDefinition<Ordered> {
  return defineController<Ordered>({
    name: 'restore',
    kind: restore,
    finalizer: RESTORE_FINALIZER,
    indexes: {
      [UID_INDEX]: ({ metadata: { uid = '' } }) => [uid],
      [VM_INDEX]: ordered => [vmPathOf(ordered)],
      [DRILL_INDEX]: ({ spec, status }) => (isDrill(spec) && !isRestored(status?.phase) ? [OPEN] : []),
      [OPEN_INDEX]: ({ metadata, status }) => (isRestored(status?.phase) ? [] : [metadata.namespace ?? '']),
      [CHANGE_INDEX]: ({ metadata, status }) => (status?.change ? [`${metadata.namespace}/${status.change.name}`] : []),
    },
    owns: owned(settings),
    watches: watched(settings),
    reconcile: async context => {
      const { object } = context;
      return isRestored(object.status?.phase) ? settle(context, settings) : goOn(context, settings);
    },
    finalize: async context => {
      // Nobody is let in to what a guest is in the middle of, and the guest worker is told of it by this order.
      if (isInGuest(context.object)) return { ...(await goOn(context, settings)), done: false };
      const left = await tidy(context, settings);
      return { ...lookedAgain(left, context.now), done: left === 'done' };
    },
  });
}

async function goOn(context: Context, settings: Settings): Promise<Result> {
  const { object, read, now } = context;
  const facts = factsOf(object, read, settings, now);
  const volume = await volumesNamed(context, object.status?.phase === 'Moving' ? movedVolumes(object) : []);
  const act = restoreAct(object, { ...facts, volume }, velero, now);
  const again = await carryOut(context, act, facts);
  return { requeueAt: again ? now : earliest(nextEdge(object), isDrill(object.spec) ? soon(now) : undefined) };
}

function owned({ veleroNamespace: namespace, sandboxNamespace }: Settings): readonly OwnedKind[] {
  return [
    {
      ...{ kind: VirtualMachine, namespace: sandboxNamespace },
      named: ({ metadata }, { metadata: { name } }) => name === drillMachineName(metadata.uid ?? ''),
    },
    {
      ...{ kind: VeleroRestore, namespace },
      named: (owner, { metadata }) => metadata.name === veleroRestoreName(owner as Ordered),
    },
    {
      kind: changeRequest,
      selector: '',
      named: (owner, { metadata }) => metadata.name === restoreChangeName(owner as Ordered),
    },
    // A disk: it is made once, and nothing of Steward's removes it.
    { kind: PersistentVolumeClaim, selector: '', prune: () => false, reap: () => false },
    { kind: PersistentVolume, read: 'named', prune: () => false, reap: () => false },
  ];
}

function watched({ veleroNamespace: namespace, sandboxNamespace }: Settings): ControllerDefinition<Ordered>['watches'] {
  return [
    {
      kind: restore,
      part: ({ status }) => at(status, 'phase'),
      toKeys: (ordered, read) => others(ordered as Ordered, read),
    },
    ...applicationWatches(openBeside),
    ...stagedIn(namespace),
    ...stagedIn(sandboxNamespace),
    {
      kind: VirtualMachineInstance,
      namespace: sandboxNamespace,
      part: ({ metadata, status }) => [metadata.uid, at(status, 'phase'), at(status, 'conditions'), links(status)],
      toKeys: ({ metadata }, read) => ofUID(drilledBy(metadata.name), read),
    },
    // What is asked when a drill begins or a guest boots.
    { kind: NetworkPolicy, namespace: sandboxNamespace, toKeys: () => [] },
    { kind: operatingSystem, part: () => undefined, toKeys: () => [] },
    {
      kind: managedVM,
      part: ({ metadata, spec, status }) => [
        metadata.uid,
        metadata.deletionTimestamp,
        at(spec, 'powerState'),
        at(status, 'disks'),
        at(status, 'backup', 'inspected'),
      ],
      toKeys: ({ metadata: { namespace: place = '', name } }, read) => ordersFor(place, name, read),
    },
    { kind: VirtualMachine, part: ({ spec }) => at(spec, 'runStrategy'), toKeys: openBeside },
    {
      kind: VirtualMachineInstance,
      part: ({ metadata, status }) => [metadata.uid, at(status, 'phase'), at(status, 'conditions')],
      toKeys: openBeside,
    },
    {
      kind: changeRequest,
      part: ({ spec, status }) => [at(spec, 'result'), status],
      toKeys: ({ metadata }, read) =>
        read.byIndex<Ordered>(restore, CHANGE_INDEX, `${metadata.namespace}/${metadata.name}`).map(keyOf),
    },
    {
      kind: patchRun,
      indexes: { [RUNS_INDEX]: run => [textAt(run, 'spec', 'managedVM', 'uid') ?? ''] },
      part: ({ status }) => at(status, 'phase'),
      toKeys: ({ metadata, spec }, read) =>
        ordersFor(metadata.namespace ?? '', textAt(spec, 'managedVM', 'name') ?? '', read),
    },
    {
      kind: VeleroBackup,
      namespace,
      selector: OWNER_NAME_LABEL,
      indexes: { [BACKUPS_INDEX]: ({ metadata: { labels } }) => [labels?.[OWNER_UID_LABEL] ?? ''] },
      part: ({ metadata, status }) => [metadata.uid, at(status, 'phase')],
      toKeys: ({ metadata: { labels } }, read) =>
        ordersFor(labels?.[OWNER_NAMESPACE_LABEL] ?? '', labels?.[OWNER_NAME_LABEL] ?? '', read),
    },
    // What decides when a point is chosen, and afterwards is of no concern.
    { kind: BackupStorageLocation, namespace, toKeys: () => [] },
    { kind: Namespace, part: () => undefined, toKeys: () => [] },
    { kind: servicePlan, part: () => undefined, toKeys: () => [] },
  ];
}

/** What Velero has restored for us in a namespace. */
function stagedIn(namespace: string): ControllerDefinition<Ordered>['watches'] {
  return [
    {
      kind: PersistentVolumeClaim,
      namespace,
      selector: RESTORE_LABEL,
      indexes: { [STAGED_INDEX]: ({ metadata: { labels } }) => [labels?.[RESTORE_LABEL] ?? ''] },
      toKeys: ({ metadata: { labels } }, read) => ofUID(orderedBy(labels?.[RESTORE_LABEL] ?? ''), read),
    },
  ];
}

function links(status: unknown): readonly unknown[] {
  return listAt(status, 'interfaces').map(each => at(each, 'linkState'));
}

function movedVolumes({ status }: Ordered): readonly string[] {
  return (status?.disks ?? []).flatMap(({ volume }) => volume ?? []);
}

/** Volumes by name as they are now, where they matter: nobody watches all of a cluster for the few that are moved. */
async function volumesNamed(
  { live }: Context,
  names: readonly string[],
): Promise<(name: string) => Fields | undefined> {
  const found = names.map(async name => {
    const volume = { apiVersion: 'v1', kind: PersistentVolume.kind, metadata: { name } };
    return [name, await live(volume)] as const;
  });
  const volumes = new Map<string, Fields | undefined>(await Promise.all(found));
  return name => volumes.get(name);
}

/** Of volumes that name a claim and are not bound yet: whether it is there, for a claim that was just made is in no cache. */
async function claimedVolumes(
  { object, live }: Context,
  volume: (name: string) => Fields | undefined,
): Promise<(volume: Fields) => boolean> {
  const meant = (object.status?.disks ?? []).flatMap(({ volume: name }) => {
    const found = name === undefined ? undefined : volume(name);
    return found !== undefined && textAt(found, 'spec', 'claimRef', 'uid') === undefined ? [found] : [];
  });
  const there = meant.map(async found => {
    const [namespace = '', name = ''] = ['namespace', 'name'].map(field => textAt(found, 'spec', 'claimRef', field));
    const claim = { apiVersion: 'v1', kind: PersistentVolumeClaim.kind, metadata: { name, namespace } };
    return (await live(claim)) === undefined ? [] : [textAt(found, 'metadata', 'name')];
  });
  const names = new Set((await Promise.all(there)).flat());
  return found => names.has(textAt(found, 'metadata', 'name'));
}

/** It is over: its change says so, and nothing of it is left where it was restored. */
async function settle(context: Context, settings: Settings): Promise<Result> {
  const { object, read, now, mergePatch } = context;
  const change = changeOf(object, read);
  const result = change && restoreResult(object, change, now);
  if (change !== undefined && result !== undefined) await mergePatch(changeRequest, change, { spec: { result } });
  return lookedAgain(await tidy(context, settings), now);
}

function lookedAgain(left: Awaited<ReturnType<typeof tidy>>, now: Date): Result {
  return { requeueAt: left === 'done' ? undefined : left === 'waits' ? soon(now) : now };
}

function soon(now: Date): Date {
  return new Date(now.getTime() + LOOK_MS);
}

/** One thing at a time. */
async function tidy(context: Context, settings: Settings): Promise<'done' | 'waits' | 'goes on'> {
  const { mergePatch, deleteChild, deleteObject } = context;
  const act = await (isDrill(context.object.spec) ? drillRemains : stagedRemains)(context, settings);
  switch (act.act) {
    case 'nothing':
      return 'done';
    case 'wait':
      return 'waits';
    case 'removeMachine':
      await deleteChild(act.machine as KubeObject);
      return 'goes on';
    case 'changeVolume':
      await mergePatch(PersistentVolume, act.volume as KubeObject, act.change);
      return 'goes on';
    case 'release':
      for (const claim of act.claims) await deleteObject(PersistentVolumeClaim, claim as KubeObject);
      return 'goes on';
    case 'forget':
      await deleteChild(act.request as KubeObject);
      return 'done';
  }
}

async function stagedRemains(context: Context, { veleroNamespace: namespace }: Settings): Promise<TidyAct> {
  const { object, read } = context;
  const { request, staged } = restoredFor(object, read, namespace, namespace);
  if (request === undefined && staged.length === 0) return { act: 'nothing' };
  const volume = await volumesNamed(context, movedVolumes(object));
  const hasClaim = await claimedVolumes(context, volume);
  return tidyAct(object, { staged, request, volume, hasClaim, staging: namespace }, velero, context.now);
}

async function drillRemains(context: Context, settings: Settings): Promise<TidyAct> {
  const { object, read } = context;
  const { request, staged } = restoredFor(object, read, settings.veleroNamespace, settings.sandboxNamespace);
  const key = drillMachineKey(object, settings);
  const [machine, instance] = [read.get(VirtualMachine, key), read.get(VirtualMachineInstance, key)];
  const volume = await volumesNamed(
    context,
    staged.flatMap(claim => volumeOf(claim) ?? []),
  );
  return tidyDrillAct(object, { machine, instance, staged, volume, request }, velero, context.now);
}

function restoredFor(object: Ordered, read: Reader, velero: string, place: string) {
  const name = veleroRestoreName(object);
  const request = read.get(VeleroRestore, { namespace: velero, name });
  const staged = read
    .byIndex(PersistentVolumeClaim, STAGED_INDEX, name)
    .filter(({ metadata }) => metadata.namespace === place);
  return { request, staged };
}

/** Restores of the same VM, and drills: each may be the next. */
function others(ordered: Ordered, read: Reader): readonly ObjectKey[] {
  const drills = isDrill(ordered.spec) ? read.byIndex<Ordered>(restore, DRILL_INDEX, OPEN).map(keyOf) : [];
  return [...read.byIndex<Ordered>(restore, VM_INDEX, vmPathOf(ordered)).map(keyOf), ...drills];
}

function openBeside({ metadata: { namespace = '' } }: KubeObject, read: Reader): readonly ObjectKey[] {
  return read.byIndex<Ordered>(restore, OPEN_INDEX, namespace).map(keyOf);
}

function ofUID(uid: string | undefined, read: Reader): readonly ObjectKey[] {
  return uid === undefined ? [] : read.byIndex<Ordered>(restore, UID_INDEX, uid).map(keyOf);
}
