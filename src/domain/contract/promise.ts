import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import type { OperatingSystem } from '../../api/operatingsystem.ts';
import type { ChildIdentity, WantedChild } from './child.ts';
import type { Finding, Verdict } from './finding.ts';
import type { Outcome } from './outcome.ts';
import type { ConditionMeaning, ReasonMeaning } from './reasons.ts';
import type { Unreadable } from './unreadable.ts';

/** What was read for an order, by the promise that has read it. */
export type FactsByPromise = Readonly<Record<string, { readonly unreadable: readonly Unreadable[] }>>;

/** An order, and what was read for it. */
export type Asked<Facts> = {
  readonly managedVM: ManagedVM;
  readonly facts: Facts;
  readonly now: Date;
};

/** An order that can be carried out. */
export type Accepted<Facts> = Asked<Facts> & { readonly operatingSystem: OperatingSystem };

/** An order after its children were applied. */
export type Carried<Facts> = Asked<Facts> & {
  readonly outcomes: readonly Outcome[];
  /** The order as a whole cannot be carried out, as the machine says: nothing of it was applied. */
  readonly blocked: boolean;
};

/** The children that a promise wants. */
export type Wanted = {
  readonly apply: readonly WantedChild[];
  /** Those that stay as they are: what decides about them is not known, or they are not to be thrown away. */
  readonly keep: readonly ChildIdentity[];
};

/** What a promise says. */
export type Said<Type extends string = string, Reason extends string = string> = {
  readonly conditions: Readonly<Record<Type, Verdict<Reason>>>;
  /** Why the order is not carried out as far as this promise goes: the gravest of all is what Ready says. */
  readonly findings: readonly Finding<Reason>[];
  /** Its part of the status. */
  readonly status?: Omit<ManagedVMStatus, 'conditions'>;
  /** What Ready says where nothing stands in the way. */
  readonly whenReady?: string;
  /** When time alone changes what it says, besides the conditions' own edges. */
  readonly nextEdge?: Date | undefined;
};

/**
 * The face of a promise (design 6). `Facts`: its own, under its name, and those of the machine. Pure: the same facts give the same answers.
 * What is read for it, and what is watched, stands in src/controllers/managedvm.
 */
export type ServicePromise<Facts, Type extends string = string, Reason extends string = string> = {
  readonly conditions: Readonly<Record<Type, ConditionMeaning>>;
  readonly reasons: Readonly<Record<string, ReasonMeaning>>;
  readonly children: (accepted: Accepted<Facts>) => Wanted;
  readonly assess: (carried: Carried<Facts>) => Said<Type, Reason>;
};

export const NO_CHILDREN: Wanted = { apply: [], keep: [] };
