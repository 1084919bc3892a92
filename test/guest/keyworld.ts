/**
 * A world of one guest and the provider's keys to it, in which an operator crashes between any two writes, a step of the worker comes late,
 * Secrets and disks are restored, and the status is lost. What is decided in it, the production code decides.
 */
import type { GivenKeys, ManagedVM } from '../../src/api/managedvm.ts';
import { inOrderOfTrial, keysToHave, type ProviderKeys } from '../../src/domain/guest/providerkeys.ts';
import { type KeySight, keysToDrop, keyToMake, rotated } from '../../src/domain/guest/rotation.ts';
import { type KeySet, nextKeySet, presentGeneration } from '../../src/domain/machine/keysets.ts';
import { managedVMOf } from '../../src/domain/managedvm/rendering.fixtures.ts';
import type { Event } from './explore.ts';

export const KEY_RULES = { keyToMake, rotated, keysToDrop, inOrderOfTrial, keysToHave };
export type KeyRules = typeof KEY_RULES;

/** How often each of these may still happen. */
export type KeyChances = Readonly<
  Record<'order' | 'backup' | 'restoreDisk' | 'restoreSecrets' | 'loseStatus' | 'loseSecret' | 'restart', number>
>;

/** Keys are known by their generations. */
export type KeyWorld = {
  readonly left: KeyChances;
  /** Counts backups: what is later than which. */
  readonly time: number;
  readonly ordered: number;
  /** In the guest, sorted. */
  readonly guest: readonly number[];
  /** What a first boot is given, and whether the root disk is an image, so that every start is one. */
  readonly firstBoot: readonly number[];
  readonly image: boolean;
  readonly backup?: { readonly at: number; readonly guest: readonly number[] };
  readonly stored: readonly number[];
  readonly keys?: GivenKeys;
  readonly sight?: KeySight;
  /** A step that was decided, and is not carried out yet. */
  readonly step?: readonly number[];
  /** All that ever were made, those that were ever published, and what was done that must not be. */
  readonly made: readonly number[];
  readonly published: readonly number[];
  readonly wrong?: string;
};

export function keyWorld(left: KeyChances, image: boolean): KeyWorld {
  const first = [1];
  return {
    ...{
      left,
      image,
      time: 0,
      ordered: 1,
      guest: first,
      firstBoot: first,
      stored: first,
      made: first,
      published: first,
    },
    keys: { provider: printOf(1), host: 'host' },
  };
}

const printOf = (generation: number): string => `key ${generation}`;
const instantOf = (time: number): Date => new Date(Date.UTC(2026, 10, 29) + time * 3_600_000);
const sorted = (generations: Iterable<number>): readonly number[] => [...new Set(generations)].sort((a, b) => a - b);
const without = ({ keys: _keys, ...world }: KeyWorld): KeyWorld => world;

const VM = managedVMOf({ operatingSystem: 'debian-13', serviceLevel: 'Admin' });

function factsOf({ ordered, keys, stored, sight }: KeyWorld) {
  const managedVM: ManagedVM = {
    ...VM,
    spec: { ...VM.spec, access: { providerKey: { generation: ordered } } },
    status: { ...(keys && { keys }), disks: [{ name: 'root', claim: 'root', claimUID: 'a' }] },
  };
  const keySets: readonly KeySet[] = stored.map(generation => ({
    ...{ generation, provider: printOf(generation), host: 'host' },
  }));
  return { managedVM, observed: { virtualMachine: undefined, keySets }, sight };
}

/** A pass of the operator, cut off after so many of its writes: the next key, what a first boot is given, former keys, the status. */
function passed(world: KeyWorld, rules: KeyRules, writes: number): KeyWorld {
  const facts = factsOf(world);
  const make = rules.keyToMake(facts);
  let now = world;
  if (make !== undefined && writes >= 1) now = making(now, make);
  if (writes >= 2) now = { ...now, firstBoot: firstBootOf(now) };
  if (writes >= 3) {
    const { backup } = world;
    const dropped = rules.keysToDrop(facts, backup === undefined ? 'none' : instantOf(backup.at));
    now = { ...now, stored: now.stored.filter(generation => !dropped.includes(generation)) };
  }
  return writes >= 4 ? written(now, rules) : now;
}

function making(world: KeyWorld, generation: number): KeyWorld {
  const again = world.published.includes(generation) ? `key ${generation} is made again` : undefined;
  const asked = generation === world.ordered ? undefined : `key ${generation} is made, and ${world.ordered} ordered`;
  const wrong = again ?? asked;
  const more = { stored: sorted([...world.stored, generation]), made: sorted([...world.made, generation]) };
  return { ...world, ...more, ...(wrong !== undefined && { wrong }) };
}

function presentOf(world: KeyWorld): KeySet | undefined {
  const { managedVM, observed } = factsOf(world);
  const generation = presentGeneration(managedVM, world.stored);
  return observed.keySets.find(set => set.generation === generation);
}

function firstBootOf(world: KeyWorld): readonly number[] {
  const { managedVM, observed } = factsOf(world);
  const present = presentOf(world);
  if (present === undefined) return world.firstBoot;
  const next = nextKeySet(managedVM, present, observed.keySets);
  return sorted([present.generation, ...(next === undefined ? [] : [next.generation])]);
}

function written(world: KeyWorld, rules: KeyRules): KeyWorld {
  const present = presentOf(world);
  if (present === undefined) return world;
  const { generation, provider, host } = present;
  const given = world.keys ?? { provider, host, ...(generation > 1 && { generation }) };
  const when = { delivered: true, now: instantOf(world.time) };
  const keys = rules.rotated(factsOf(world), given, when);
  const next = keys.next === undefined ? [] : [keys.next.generation];
  return { ...world, keys, published: sorted([...world.published, ...next]) };
}

/** The keys that the worker has; undefined where it has none that it may try. */
function keysOf({ keys, stored }: KeyWorld): ProviderKeys<number> | undefined {
  const present = keys?.generation ?? 1;
  if (keys === undefined || !stored.includes(present)) return undefined;
  const next = keys.next?.generation;
  return {
    present,
    ...(next !== undefined && stored.includes(next) && { next }),
    former: (keys.former ?? []).map(({ generation }) => generation).filter(generation => stored.includes(generation)),
  };
}

/** A look into the guest, and what it decides to do there. A step that was decided before does not begin any more. */
function looked({ step: _step, ...world }: KeyWorld, rules: KeyRules): KeyWorld {
  const keys = keysOf(world);
  const opened = keys && rules.inOrderOfTrial(keys).find(key => world.guest.includes(key));
  if (keys === undefined || opened === undefined) return unseen(world);
  const wanted = sorted(rules.keysToHave(keys, opened));
  const kept = JSON.stringify(wanted) === JSON.stringify(world.guest);
  const sight = { opened: printOf(opened), ordered: wanted.map(printOf), kept };
  return { ...world, sight, ...(!kept && { step: wanted }) };
}

function unseen({ sight: _sight, ...world }: KeyWorld): KeyWorld {
  return world;
}

/** Another instance: what is known is of the one before, and its steps begin no more. */
function started({ sight: _sight, step: _step, ...world }: KeyWorld, guest: readonly number[]): KeyWorld {
  return { ...world, guest: world.image ? world.firstBoot : guest };
}

export function keyEventsOf(rules: KeyRules): (world: KeyWorld) => readonly Event<KeyWorld>[] {
  return world => {
    const { left, step, backup } = world;
    const events: Event<KeyWorld>[] = [1, 2, 3, 4].map(writes => ({
      name: writes === 4 ? 'a pass of the operator' : `a pass of the operator that crashes after write ${writes}`,
      world: passed(world, rules, writes),
    }));
    const chance = (name: keyof KeyChances, what: string, next: KeyWorld | undefined) => {
      if (left[name] > 0 && next !== undefined)
        events.push({ name: what, world: { ...next, left: { ...left, [name]: left[name] - 1 } } });
    };
    events.push({ name: 'a look', world: looked(world, rules) });
    if (step !== undefined) {
      const { step: _step, ...done } = world;
      events.push({ name: 'a step puts the keys right', world: { ...done, guest: step } });
    }
    chance('order', 'a later key is ordered', { ...world, ordered: world.ordered + 1 });
    chance('backup', 'a backup', {
      ...world,
      time: world.time + 1,
      backup: { at: world.time + 1, guest: world.guest },
    });
    chance('restoreDisk', 'the disk is restored', backup && started(world, backup.guest));
    chance('restart', 'the guest starts anew', started(world, world.guest));
    chance('restoreSecrets', 'Secrets that had gone are restored', { ...world, stored: world.made });
    chance('loseStatus', 'the status is lost', without(world));
    for (const lost of world.stored)
      chance('loseSecret', `Secret ${lost} is lost`, { ...world, stored: world.stored.filter(each => each !== lost) });
    if (backup !== undefined) {
      const { backup: _backup, ...rest } = world;
      events.push({ name: 'the backup expires', world: { ...rest, time: world.time + 1 } });
    }
    return events;
  };
}

/** What must hold however it came to this. `lost`: a Secret may have been lost, by which a guest may be locked. */
export function brokenKeys(rules: KeyRules, mayLose: boolean): (world: KeyWorld) => string | undefined {
  return world => {
    if (world.wrong !== undefined) return world.wrong;
    if (mayLose) return undefined;
    const opens = (guest: readonly number[]) => guest.some(key => world.stored.includes(key));
    if (!opens(world.guest)) return 'no stored key opens the guest';
    if (world.backup !== undefined && !world.image && !opens(world.backup.guest))
      return 'no stored key opens the guest on the disk of the backup';
    return settles(world, rules);
  };
}

/** Left alone, operator and worker bring the guest to the key that is ordered, and to no other. */
function settles(world: KeyWorld, rules: KeyRules): string | undefined {
  let now = world;
  for (let round = 0, before = ''; round < 12 && before !== JSON.stringify(now); round += 1) {
    before = JSON.stringify(now);
    now = looked(passed(now, rules, 4), rules);
    const { step, ...rest } = now;
    now = step === undefined ? now : looked({ ...rest, guest: step }, rules);
  }
  const present = now.keys?.generation ?? 1;
  if (JSON.stringify(now.guest) !== JSON.stringify([present]))
    return `the guest ends with ${now.guest}, not ${present}`;
  if (present < now.ordered) return `key ${now.ordered} is ordered, and ${present} in use for good`;
  const kept = now.stored.filter(generation => generation !== present);
  return kept.length > 0 && now.backup === undefined ? `former keys ${kept} are kept for nothing` : undefined;
}
