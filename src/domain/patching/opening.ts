import { durationOf } from '../../api/duration.ts';
import type { GuestUpdates } from '../../api/guestupdates.ts';
import type { PatchBaseline } from '../../api/patchbaseline.ts';
import { type PatchRunSpec, patchRun } from '../../api/patchrun.ts';
import { nameBetween, shortHash } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import type { Opened } from './opened.ts';
import { provenFor } from './provenfor.ts';
import type { PatchTerms, Ring, Share } from './terms.ts';
import type { Occurrence } from './window.ts';

/** What a run is made of when its window opens. */
export type OpeningFacts = {
  readonly managedVM: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly packageManager: PatchRunSpec['packageManager'];
  readonly terms: PatchTerms;
  /** By which change, when, and who asked for it. */
  readonly opened: Opened;
  /** The ring that the VM is in, and how many VMs are. */
  readonly ring: Ring | undefined;
  readonly members: number;
  /** The ring that must have proven what is installed; undefined: this one is the first. */
  readonly proving: Ring | undefined;
  /** The recovery point that there is; undefined: it does not matter. */
  readonly recoveryPoint: PatchRunSpec['recoveryPoint'];
  /** What was proven so far; undefined: nothing. */
  readonly baseline: Pick<PatchBaseline, 'metadata' | 'spec'> | undefined;
  /** What the guest lacks, as it said last; undefined: nobody has asked it. */
  readonly updates: GuestUpdates | undefined;
};

/** The run of one VM in one occurrence, with everything that was agreed when its window opened (MO-11, GE-8). */
export function runFor(facts: OpeningFacts) {
  const { managedVM, packageManager, terms, opened, ring, members, proving, baseline, updates, recoveryPoint } = facts;
  const { change, occurrence, askedBy, urgent } = opened;
  const { policy, keepMs } = terms;
  const spec: PatchRunSpec = {
    managedVM: { name: managedVM.name, uid: managedVM.uid },
    packageManager,
    policy: { kind: policy.kind, name: policy.name, uid: policy.uid, generation: policy.generation },
    occurrence: {
      ...{ window: occurrence.window, date: occurrence.date },
      ...{ start: instant(occurrence.start), cutoff: instant(occurrence.cutoff), end: instant(occurrence.end) },
    },
    ...(ring && { ring: ring.name, ringOf: ring.party }),
    parallel: ring === undefined ? 1 : atOnce(ring.maxParallel, members),
    ...(baseline && { baseline: { name: baseline.metadata.name, revision: baseline.spec.content.revision } }),
    terms: frozen(terms, ring),
    // An emergency does not wait for proof: what it names is installed as it is found.
    ...(proving &&
      urgent === undefined && { proven: provenFor(updates, baseline?.spec.content.versions ?? [], proving.name) }),
    ...(recoveryPoint && { recoveryPoint }),
    keep: durationOf(keepMs),
    change,
    ...(urgent && { urgent }),
    askedBy,
  };
  return {
    apiVersion: `${patchRun.group}/${patchRun.version}`,
    kind: patchRun.kind,
    metadata: { name: opened.runName ?? runName(managedVM, occurrence), namespace: managedVM.namespace },
    spec,
  };
}

/** One name for a VM and an occurrence: two VMs of a name, one after the other, never share a run. */
export function runName(
  { name, uid }: OpeningFacts['managedVM'],
  { window, date }: Pick<Occurrence, 'window' | 'date'>,
): string {
  const hash = shortHash(`${uid} ${window}`, 6);
  return nameBetween('', `${name}-${window}`, `-${date}-${hash}`);
}

function frozen(terms: PatchTerms, ring: Ring | undefined) {
  const {
    updates,
    severities,
    minimumAge,
    deadlines,
    allow,
    deny,
    exclude,
    reboot,
    rollback,
    snapshot,
    before,
    after,
  } = terms;
  return {
    ...{ updates, ...(severities && { severities: [...severities] }), reboot, rollback, snapshot },
    ...(ring && { soak: durationOf(ring.soakMs) }),
    minimumAge: durations(minimumAge),
    deadlines: durations(deadlines),
    allow: allow.map(list => [...list]),
    deny: deny.map(each => ({ ...each })),
    exclude: exclude.map(each => ({ ...each, until: instant(each.until) })),
    ...(before.length > 0 && { before: [...before] }),
    ...(after.length > 0 && { after: [...after] }),
  };
}

function durations({ Critical, Important, Other }: PatchTerms['deadlines']) {
  return { Critical: durationOf(Critical), Important: durationOf(Important), Other: durationOf(Other) };
}

function atOnce(share: Share, members: number): number {
  const many = typeof share === 'number' ? share : Math.floor((members * Number.parseInt(share, 10)) / 100);
  return Math.min(Math.max(many, 1), 10_000);
}
