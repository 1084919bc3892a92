import { backupPolicy } from '../../api/backuppolicy.ts';
import type { ChangeRequest } from '../../api/changerequest.ts';
import { clusterBackupPolicy } from '../../api/clusterbackuppolicy.ts';
import { clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { guestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import { baselineName, type PatchBaseline, patchBaseline } from '../../api/patchbaseline.ts';
import { patchPolicy } from '../../api/patchpolicy.ts';
import { patchRun } from '../../api/patchrun.ts';
import { restore } from '../../api/restore.ts';
import { VeleroBackup } from '../../api/upstream.ts';
import { renderBackup } from '../../domain/backup/schedules.ts';
import { OWNER_NAME_LABEL } from '../../domain/contract/child.ts';
import { earliest, instant } from '../../domain/contract/condition.ts';
import { at, textAt } from '../../domain/contract/json.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { exchangedBy } from '../../domain/patching/exchanging.ts';
import { askedFor, asksFrom, awaitedPoint, pointOf } from '../../domain/patching/freshpoint.ts';
import { heldBy } from '../../domain/patching/held.ts';
import { type Opened, openedBy, openingsAsAgreed, opensAt } from '../../domain/patching/opened.ts';
import { runFor } from '../../domain/patching/opening.ts';
import { termsOf } from '../../domain/patching/policyfor.ts';
import { provingRing, ringOf } from '../../domain/patching/ringof.ts';
import type { PatchTerms, Ring } from '../../domain/patching/terms.ts';
import type { Occurrence } from '../../domain/patching/window.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type Reader,
  type ReconcileContext,
} from '../../runtime/pass/controller.ts';
import { policyOf } from '../managedvm/backup.ts';
import { gatherPolicies, policyIndexes, policyWatches, ringsSaid, updatesOf } from '../managedvm/patching.ts';
import { restoresIndex, restoresOf } from '../managedvm/restores.ts';
import { service } from '../managedvm/service.ts';
import { PATCH_CHANGES, patchChangesOf, patchedByPolicy } from '../patchchanges.ts';
import { stopsOf } from '../patchrings.ts';
import type { Settings } from '../settings.ts';

type VM = ManagedVM & KubeObject;

/**
 * Makes the run of each VM that is due: when a window of its policy opens, and when it was ordered. Making it is the claim (MO-2, MO-3, GE-8), and none is made but by a
 * change that is agreed to (GE-6).
 */
export function patchOpeningController(settings: Settings): ControllerDefinition<VM> {
  const membersOf = memberCounts();
  return defineController<VM>({
    name: 'patchopening',
    kind: managedVM,
    indexes: policyIndexes,
    owns: [
      { kind: patchRun, selector: '' },
      // Recovery points outlive their VM.
      { kind: VeleroBackup, namespace: settings.veleroNamespace, selector: OWNER_NAME_LABEL, prune: () => false },
    ],
    watches: [
      PATCH_CHANGES,
      ...policyWatches,
      ...service.watches(settings),
      ...[patchPolicy, clusterPatchPolicy].map(kind => ({
        kind,
        part: stopsOf,
        toKeys: ({ metadata: { name, namespace } }: KubeObject, read: Reader) => patchedByPolicy(name, namespace, read),
      })),
      {
        kind: restore,
        indexes: restoresIndex,
        part: ({ status }) => at(status, 'phase'),
        toKeys: ({ metadata: { namespace = '' }, spec }) => [{ namespace, name: textAt(spec, 'managedVMRef') ?? '' }],
      },
      ...[operatingSystem, patchBaseline, guestState, backupPolicy, clusterBackupPolicy].map(kind => ({
        kind,
        part: () => undefined,
        toKeys: () => [],
      })),
    ],
    reconcile: async context => {
      const { object, read, now, apply } = context;
      const { terms } = termsOf(object, gatherPolicies(object, read), now);
      if (terms === undefined) return;
      const whose = { name: object.metadata.name, uid: object.metadata.uid ?? '' };
      const changes = patchChangesOf(object, terms.policy, read);
      const opened = changes.flatMap(change => openedBy(change, whose, terms, now) ?? []);
      const rings = ringsSaid(object.metadata.namespace ?? '', read);
      const busy = exchangedBy(restoresOf(object, read));
      const begins = ({ urgent }: Opened) =>
        busy === undefined && heldBy(object, terms, rings, urgent !== undefined) === undefined;
      // An emergency waits for no backup.
      const due = opened.filter(
        each => begins(each) && (each.urgent !== undefined || awaitedPoint(object, terms, now) === undefined),
      );
      const runs = due.flatMap(each => runOf(object, terms, each, membersOf, read) ?? []);
      // Once: what stands is never healed, and the terms of today are not those of a run that has begun.
      const missing = runs.filter(run => read.get(patchRun, keyOf(run)) === undefined);
      await apply(missing.map(run => ({ object: run, ownerReference: false })));
      const isAsking = terms.recoveryPointMs !== undefined && heldBy(object, terms, rings, false) === undefined;
      const asksAt = isAsking
        ? await askForPoint(context, terms, changes, opened, settings.veleroNamespace)
        : undefined;
      return { requeueAt: earliest(asksAt, ...changes.map(change => opensAt(change, whose, terms, now))) };
    },
  });
}

/**
 * Asks Velero for a recovery point, once for an opening, where the policies want one that is newer than there is. When the next opening asks, if
 * time alone decides. Throws ApiError.
 */
async function askForPoint(
  { object, read, now, createOnce, event }: ReconcileContext<VM>,
  terms: PatchTerms,
  changes: readonly ChangeRequest[],
  opened: readonly Opened[],
  veleroNamespace: string,
): Promise<Date | undefined> {
  const { open, next } = openingsAsAgreed(changes, terms, now);
  const openings = [...opened.map(({ occurrence }) => occurrence), ...[open, next].filter(each => each !== undefined)];
  const asking = askedFor(object, terms, openings, now);
  const policy = policyOf(object, read);
  const [tier] = policy?.spec.tiers ?? [];
  if (asking !== undefined && policy !== undefined && tier !== undefined) {
    const key = `${asking.window} ${asking.date}`;
    const wanted = renderBackup({ managedVM: object, policy, veleroNamespace }, tier, key) as KubeObject;
    const isNew = read.get(VeleroBackup, keyOf(wanted)) === undefined;
    await createOnce(wanted);
    const why = `Backup ${wanted.metadata.name} is asked for before the opening of ${instant(asking.start)}: ${awaitedPoint(object, terms, now)}`;
    if (isNew) event('Normal', 'RecoveryPointAsked', why);
  }
  const asks = next && asksFrom(next, terms);
  return asks !== undefined && asks > now ? asks : undefined;
}

function runOf(vm: VM, terms: PatchTerms, opened: Opened, membersOf: ReturnType<typeof memberCounts>, read: Reader) {
  const { metadata } = vm;
  const { name, namespace = '', uid = '' } = metadata;
  const system = read.get<OperatingSystem & KubeObject>(operatingSystem, { namespace: '', name: systemNameOf(vm) });
  if (system === undefined) return undefined;
  const ring = ringOf(terms.rings, placed(metadata));
  const baseline = baselineName(terms.provenBy.name, systemNameOf(vm));
  return runFor({
    managedVM: { name, namespace, uid },
    packageManager: system.spec.packageManager,
    ...{ terms, opened, ring },
    members: ring === undefined ? 0 : membersOf(terms, opened.occurrence, ring, namespace, read),
    proving: provingRing(terms.rings, ring),
    recoveryPoint: pointOf(vm, terms),
    baseline: read.get<PatchBaseline & KubeObject>(patchBaseline, { namespace: '', name: baseline }),
    updates: updatesOf(metadata, read),
  });
}

function placed({ namespace = '', labels = {} }: VM['metadata']) {
  return { namespace, labels };
}

/** How many VMs are in a ring: counted once for an opening, for all of them ask at the same time. */
function memberCounts() {
  let key = '';
  let counts = new Map<string, number>();
  return (
    { policy, rings }: PatchTerms,
    { start }: Occurrence,
    ring: Ring,
    namespace: string,
    read: Reader,
  ): number => {
    const current = `${policy.uid} ${start.toISOString()}`;
    const isTheirs = (of: { kind: string; name: string } | undefined) =>
      of?.kind === policy.kind && of.name === policy.name;
    if (current !== key) {
      key = current;
      const place = policy.kind === 'PatchPolicy' ? { namespace } : {};
      const vms = read.list<VM>(managedVM, place).filter(({ status }) => isTheirs(status?.patching?.policy));
      const named = vms.map(({ metadata }) => ringOf(rings, placed(metadata))?.name ?? '');
      counts = new Map([...Map.groupBy(named, name => name)].map(([name, each]) => [name, each.length]));
    }
    return counts.get(ring.name) ?? 1;
  };
}
