import { changeRequest } from '../../api/changerequest.ts';
import { managedVM } from '../../api/managedvm.ts';
import { patchRun } from '../../api/patchrun.ts';
import { isRestored, restore } from '../../api/restore.ts';
import { servicePlan } from '../../api/serviceplan.ts';
import {
  BackupStorageLocation,
  Namespace,
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
import { at, type Fields, textAt } from '../../domain/contract/json.ts';
import { nextEdge, restoreAct } from '../../domain/restore/restoring.ts';
import { tidyAct } from '../../domain/restore/tidy.ts';
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
import { type Context, carryOut } from './carryout.ts';
import { BACKUPS_INDEX, changeOf, factsOf, type Ordered, ordersFor, RUNS_INDEX, VM_INDEX, vmPathOf } from './facts.ts';

/** On every Restore that was looked at: nothing of it stays in the staging namespace. */
export const RESTORE_FINALIZER = 'managed.systems/restore';

const UID_INDEX = 'uid';
/** Restores that are not over, by their namespace: few at any time. */
const OPEN_INDEX = 'open';
const CHANGE_INDEX = 'change';
/** Claims in the staging namespace by the Velero Restore that has made them. */
const STAGED_INDEX = 'stagedBy';

/** Carries Restores out: disks beside the old ones, the exchange, and the proof (AP-13; docs/adr/0164). */
export function restoreController(settings: Settings): ControllerDefinition<Ordered> {
  return defineController<Ordered>({
    name: 'restore',
    kind: restore,
    finalizer: RESTORE_FINALIZER,
    indexes: {
      [UID_INDEX]: ({ metadata: { uid = '' } }) => [uid],
      [VM_INDEX]: ordered => [vmPathOf(ordered)],
      [OPEN_INDEX]: ({ metadata, status }) => (isRestored(status?.phase) ? [] : [metadata.namespace ?? '']),
      [CHANGE_INDEX]: ({ metadata, status }) => (status?.change ? [`${metadata.namespace}/${status.change.name}`] : []),
    },
    owns: owned(settings),
    watches: watched(settings),
    reconcile: async context => {
      const { object, read, now } = context;
      if (isRestored(object.status?.phase)) return settle(context, settings);
      const facts = factsOf(object, read, settings, now);
      const volume = await volumesOf(context, object.status?.phase === 'Moving');
      const act = restoreAct(object, { ...facts, volume }, velero, now);
      const again = await carryOut(context, act, facts);
      return { requeueAt: again ? now : earliest(nextEdge(object)) };
    },
    finalize: async context => ({ done: await tidy(context, settings) }),
  });
}

function owned({ veleroNamespace: namespace }: Settings): readonly OwnedKind[] {
  return [
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

function watched({ veleroNamespace: namespace }: Settings): ControllerDefinition<Ordered>['watches'] {
  return [
    {
      kind: restore,
      part: ({ status }) => at(status, 'phase'),
      toKeys: (ordered, read) => others(ordered as Ordered, read),
    },
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
    {
      kind: PersistentVolumeClaim,
      namespace,
      selector: RESTORE_LABEL,
      indexes: { [STAGED_INDEX]: ({ metadata: { labels } }) => [labels?.[RESTORE_LABEL] ?? ''] },
      toKeys: ({ metadata: { labels } }, read) => ofVeleroRestore(labels?.[RESTORE_LABEL] ?? '', read),
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

/** Its volumes by name as they are now, where they matter: nobody watches all of a cluster for the few that are moved. */
async function volumesOf({ object, live }: Context, matter: boolean): Promise<(name: string) => Fields | undefined> {
  const names = matter ? (object.status?.disks ?? []).flatMap(({ volume }) => volume ?? []) : [];
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

/** It is over: its change says so, and the staging namespace has nothing of it any more. */
async function settle(context: Context, settings: Settings): Promise<Result> {
  const { object, read, now, mergePatch } = context;
  const change = changeOf(object, read);
  const result = change && restoreResult(object, change, now);
  if (change !== undefined && result !== undefined) await mergePatch(changeRequest, change, { spec: { result } });
  return (await tidy(context, settings)) ? {} : { requeueAt: now };
}

/** One thing at a time; true: there is nothing left to do. */
async function tidy(context: Context, { veleroNamespace: namespace }: Settings): Promise<boolean> {
  const { object, read, mergePatch, deleteChild, deleteObject } = context;
  const name = veleroRestoreName(object);
  const request = read.get(VeleroRestore, { namespace, name });
  const staged = read
    .byIndex(PersistentVolumeClaim, STAGED_INDEX, name)
    .filter(({ metadata }) => metadata.namespace === namespace);
  if (request === undefined && staged.length === 0) return true;
  const volume = await volumesOf(context, true);
  const hasClaim = await claimedVolumes(context, volume);
  const act = tidyAct(object, { staged, request, volume, hasClaim, staging: namespace });
  switch (act.act) {
    case 'nothing':
      return true;
    case 'changeVolume':
      await mergePatch(PersistentVolume, act.volume as KubeObject, act.change);
      return false;
    case 'release':
      for (const claim of act.claims) await deleteObject(PersistentVolumeClaim, claim as KubeObject);
      return false;
    case 'forget':
      await deleteChild(act.request as KubeObject);
      return true;
  }
}

function others(ordered: Ordered, read: Reader): readonly ObjectKey[] {
  return read.byIndex<Ordered>(restore, VM_INDEX, vmPathOf(ordered)).map(keyOf);
}

function openBeside({ metadata: { namespace = '' } }: KubeObject, read: Reader): readonly ObjectKey[] {
  return read.byIndex<Ordered>(restore, OPEN_INDEX, namespace).map(keyOf);
}

function ofVeleroRestore(name: string, read: Reader): readonly ObjectKey[] {
  const uid = orderedBy(name);
  return uid === undefined ? [] : read.byIndex<Ordered>(restore, UID_INDEX, uid).map(keyOf);
}
