import type { ManagedVM } from '../../api/managedvm.ts';
import type { Facts } from '../../domain/managedvm/promises.ts';
import type { OwnedKind, WatchedKind } from '../../runtime/pass/controller.ts';
import type { Permission } from '../permission.ts';
import type { Settings } from '../settings.ts';
import { backup } from './backup.ts';
import { guest } from './guest.ts';
import { incident } from './incidents.ts';
import { machine } from './machine.ts';
import { monitoring } from './monitoring.ts';
import { patching } from './patching.ts';
import type { Reading, Sources } from './reading.ts';
import { service } from './service.ts';

/** Who reads the facts of each promise. */
export type Readings<F> = { readonly [Name in keyof F]: Reading<F[Name]> };

/** One for each promise in src/domain/managedvm/promises.ts that has facts of its own: the compiler asks for it. */
export const READINGS: Readings<Facts> = { machine, guest, monitoring, patching, incident, backup, service };

type AnyReadings = Readonly<Record<string, Reading<unknown>>>;

/** What the promises need to know of an order, from the cache alone. */
export function gather<F>(readings: Readings<F>, managedVM: ManagedVM, sources: Sources): F {
  const all = Object.entries<Reading<unknown>>(readings as AnyReadings);
  return Object.fromEntries(all.map(([name, reading]) => [name, reading.gather(managedVM, sources)])) as F;
}

type Settled = Pick<Settings, 'keys' | 'veleroNamespace'>;

/** What ManagedVMs are found by. */
export function indexesOf(readings: AnyReadings): Reading<unknown>['indexes'] {
  return Object.fromEntries(Object.values(readings).flatMap(({ indexes }) => Object.entries(indexes)));
}

/** Kinds of children. */
export function ownedKinds(readings: AnyReadings, settings: Settled): readonly OwnedKind[] {
  return Object.values(readings).flatMap(({ owns }) => owns(settings));
}

export function watchesOf(readings: AnyReadings, settings: Settled): readonly WatchedKind[] {
  return Object.values(readings).flatMap(({ watches }) => watches(settings));
}

export function permissionsOf(readings: AnyReadings): readonly Permission[] {
  return Object.values(readings).flatMap(({ permissions }) => permissions);
}
