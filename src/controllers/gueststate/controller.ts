import { type GuestState, type GuestStateStatus, guestState } from '../../api/gueststate.ts';
import { openStep } from '../../guest/run/steprecords.ts';
import { giveBack, isHeldBy } from '../../guest/run/vmlease.ts';
import { GuestFailure } from '../../guest/transport/failure.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type PolledSource,
  type ReconcileContext,
  type Result,
} from '../../runtime/pass/controller.ts';
import { type Draft, draftOf } from './draft.ts';
import { type Contact, type Found, judged } from './judge.ts';
import type { GuestMemory, PassResult } from './memory.ts';
import { mend, remedyDue } from './mend.ts';
import type { Parts } from './parts.ts';
import { seenByPlan } from './plandrift.ts';
import { carriedOn, putRight, type Work } from './putright.ts';
import { contactOf, lookInto, wayInto } from './reach.ts';
import { type Situation, situationOf, WATCHES } from './situation.ts';
import { toBePutRight } from './standstill.ts';

/** Guests looked into at once. Each waits for its guest most of the time. */
const CONCURRENCY = 64;
/** Of those, how many may be guests that failed the last time: however many hang, the others have places. */
const STRUGGLING = CONCURRENCY / 2;
const NO_PLACE_MS = 1_000;
/** Longer than what was written last takes to be seen: until then a guest may be worked in unseen. */
const SHARING_MS = 5_000;
/** A guest that has just been started may have no sshd and no account of ours yet: that is no news. */
const BOOT_MS = 180_000;

type Context = ReconcileContext<GuestState & KubeObject>;

/** Looks into the guests of ManagedVMs, says in their GuestStates what is there, and puts right what the provider answers for (MO-8, MO-16). */
export function guestController(parts: Parts): ControllerDefinition<GuestState & KubeObject> {
  const { shards, memories, metrics, clock, intervalMs, random } = parts;
  let struggling = 0;

  const reconcile = async (context: Context): Promise<Result | undefined> => {
    const { object, read } = context;
    const { namespace = '', uid = '' } = object.metadata;
    const situation = shards.holds(namespace) ? situationOf(object, read) : undefined;
    if (situation === undefined) return undefined;
    const memory = memories.of(uid);
    const of = matterOf(situation);
    const dueMs = memory.dueMs(of, clock.monotonic());
    if (dueMs > 0) return { requeueAt: after(dueMs) };
    const struggles = memory.failures > 0;
    if (struggles && struggling >= STRUGGLING) return { requeueAt: after(NO_PLACE_MS) };
    struggling += struggles ? 1 : 0;
    try {
      const result = await passOver(context, situation, memory, parts);
      return { requeueAt: after(memory.passed(of, result, { now: clock.monotonic(), intervalMs, jitter: random() })) };
    } finally {
      struggling -= struggles ? 1 : 0;
    }
  };
  // Whole milliseconds, or the pass comes a part of one too early and has to come again.
  const after = (ms: number) => new Date(clock.now().getTime() + Math.ceil(ms));

  return defineController<GuestState & KubeObject>({
    ...{ name: 'guest', kind: guestState, owns: [], watches: WATCHES, concurrency: CONCURRENCY },
    polls: [shards.source(), sharing(parts)],
    reconcile,
    forget: uid => {
      memories.forget(uid);
      metrics.forget(uid);
    },
  });
}

/** Lets other workers have their share of the shards, but none with a guest in which this one works now. */
function sharing({ shards, identity }: Parts): PolledSource<GuestState & KubeObject> {
  return {
    name: 'sharing',
    everyMs: SHARING_MS,
    ask: async (_, _signal, { read }) => {
      const records = () => read.list<GuestState & KubeObject>(guestState);
      const isOurs = ({ status = {} }: GuestState) => isHeldBy(status, identity);
      await shards.shareOut(() =>
        records()
          .filter(isOurs)
          .map(({ metadata }) => metadata.namespace ?? ''),
      );
      return () => false;
    },
  };
}

/** Go on with a step that runs, or look; judge, put right what can be, write where anything is new. */
async function passOver(
  context: Context,
  situation: Situation,
  memory: GuestMemory,
  parts: Parts,
): Promise<PassResult> {
  const { object: record } = context;
  const before = record.status ?? {};
  const draft = draftOf(context, before, parts.shards);
  const reachable = await wayInto(situation, before, memory, parts);
  if ('outcome' in reachable) return unreached(reachable, record, situation, draft, parts);

  const tell = (reason: string, message: string) => context.event('Warning', reason, message);
  const work = { record, reachable, memory, parts, tell };
  const step = isHeldBy(before, parts.identity) && memory.failures === 0 ? openStep(before.steps) : undefined;
  const { lease } = before;
  const opened = reachable.offered.find(keys => keys.prints.provider === memory.opened);
  if (step !== undefined && lease !== undefined && opened !== undefined) {
    const going = { ...work, desired: reachable.desiredBy(opened) };
    const ordered = remedyDue(situation.managedVM, before);
    if (ordered !== undefined) return written(draft, () => mend(going, ordered, draft));
    return written(draft, () => carriedOn(going, lease, step.id, settingsOf(before), draft));
  }

  const { contact, found } = await looked(work, situation);
  if (found === undefined) return unreached(contact, record, situation, draft, parts);
  memory.opened = found.opened;
  memory.drifted = driftedOf(before, found, memory);
  draft.status = judged(
    before,
    { ...saidBy(record, parts), contact, found, drifted: memory.drifted },
    parts.clock.now(),
  );
  const ordered = remedyDue(situation.managedVM, draft.status);
  if (ordered !== undefined) return written(draft, () => mend({ ...work, desired: found.desired }, ordered, draft));
  const paused = situation.managedVM.spec.paused !== undefined;
  const toPutRight = paused ? [] : toBePutRight(draft.status, found);
  memory.puttingRight(toPutRight);
  memory.recalled = recalledBy(before, draft.status, found);
  const result = await written(draft, () => putRight({ ...work, desired: found.desired }, toPutRight, draft));
  return result === 'Kept' && memory.recalled.size > 0 ? 'Again' : result;
}

/** Looks, and tells how long it took. */
async function looked(
  { record, reachable, memory, parts }: Omit<Work, 'desired'>,
  situation: Situation,
): Promise<{ readonly contact: Contact; readonly found?: Found }> {
  const { clock, metrics } = parts;
  const begun = clock.monotonic();
  const seen = await lookInto(situation, reachable, memory, parts).catch((error: unknown) => ({
    contact: contactOf(error, situation, memory, parts),
  }));
  metrics.looked(record.metadata, seen.contact.outcome, (clock.monotonic() - begun) / 1000);
  return seen;
}

/** Says that the guest is not reached, and why. */
async function unreached(
  contact: Contact,
  record: GuestState,
  { way }: Situation,
  draft: Draft,
  parts: Parts,
): Promise<PassResult> {
  const now = parts.clock.now();
  parts.metrics.found(record.metadata, contact.outcome);
  const off = way.kind === 'PoweredOff';
  if (!off && way.instance !== draft.status.instance && now.getTime() - way.startedAt.getTime() < BOOT_MS)
    return 'Starting';
  const judgement = judged(draft.status, { ...saidBy(record, parts), contact }, now);
  draft.status = off && isHeldBy(judgement, parts.identity) ? giveBack(judgement) : judgement;
  await draft.write();
  return off || contact.outcome === 'NotSupported' ? 'Kept' : 'Failed';
}

/** Works in the guest, and writes what is new. A connection that breaks leaves a step where it is: the next pass finds it by its id. */
async function written(draft: Draft, work: () => Promise<PassResult>): Promise<PassResult> {
  const result = await work().catch((error: unknown) => {
    if (error instanceof GuestFailure) return 'Failed' as const;
    throw error;
  });
  await draft.write();
  return result;
}

function saidBy({ metadata }: GuestState, { shards }: Parts): { readonly worker: string } {
  return { worker: shards.leaseOf(metadata.namespace ?? '') };
}

/** What a look is of: where any of it changes, the guest is looked into at once. */
function matterOf({ managedVM, operatingSystem, way }: Situation): string {
  const { metadata, status } = managedVM;
  const place = way.kind === 'Address' ? way.address : way.kind;
  const instance = way.kind === 'PoweredOff' ? '' : way.instance;
  const { host, provider, next, former = [] } = status?.keys ?? {};
  const keys = [host, provider, next?.provider, ...former.map(key => key.provider)];
  const plans = status?.applications?.map(({ revision }) => revision) ?? [];
  const orders = [
    metadata.generation,
    operatingSystem.metadata.generation,
    status?.soleRoot?.since,
    status?.remedy?.change.uid,
    status?.incidents?.latest,
  ];
  return [instance, place, ...orders, ...keys, ...plans].join(' ');
}

/** The settings of whom the guest has brought back as having had an account once: the next look finds whether they are closed. */
function recalledBy({ accounts = [] }: GuestStateStatus, next: GuestStateStatus, { look }: Found): ReadonlySet<string> {
  const recalled = look.noted.filter(name => !accounts.includes(name) && next.accounts?.includes(name) === true);
  return new Set(recalled.map(name => `former:${name}`));
}

/** What has been changed in the guest and can be put right; what could not even be looked at (`Failed`) cannot. */
function healableOf({ look }: Found): readonly string[] {
  return look.settings.filter(({ standing }) => standing === 'Differs').map(({ setting }) => setting);
}

function settingsOf({ differences = [] }: GuestStateStatus): readonly string[] {
  return differences.map(({ setting }) => setting);
}

/** Settings that were as ordered when this order was looked at last, and those already known to have drifted that still differ. */
function driftedOf(
  before: GuestStateStatus,
  found: Found,
  { drifted: known, recalled }: GuestMemory,
): ReadonlySet<string> {
  const differed = new Set(settingsOf(before));
  const sameRights = (before.soleRoot === true) === found.desired.soleRoot;
  const seenBefore = before.compared === found.generation && sameRights;
  const asPlanned = seenByPlan(before, found);
  const wasKept = (setting: string) =>
    seenBefore && !differed.has(setting) && !recalled.has(setting) && asPlanned(setting);
  const drifted = healableOf(found).filter(wasKept);
  return new Set([...drifted, ...[...known].filter(setting => differed.has(setting))]);
}
