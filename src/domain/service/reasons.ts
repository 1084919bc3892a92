import type * as contract from '../contract/finding.ts';
import { type ConditionMeaning, NOTHING, type ReasonMeaning, type SharedReason } from '../contract/reasons.ts';

/** What is said of the terms by which the service is given (MO-2, GE-1). */
export const CONDITIONS = {
  Contracted: {
    meaning:
      'A Contract names the namespace, and a ServicePlan applies at the level today: the message has its numbers. Without, everything works and no numbers are promised. It is shown and does not count in SLACompliant.',
    shares: ['KindNotReadable'],
    restsOn: ['Contract', 'ServicePlan'],
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;
export type ConditionType = keyof typeof CONDITIONS;

export const REASONS = {
  // What is as it should be.
  PlanApplies: {
    on: ['Contracted'],
    meaning: 'Contract, plan and its numbers are those of the message.',
    action: NOTHING,
  },

  // What is not agreed.
  NoContract: {
    on: ['Contracted'],
    meaning: 'No Contract names the namespace, or only one that came after the Contract whose it is.',
    action: 'Provider: name the namespace in the Contract of its customer.',
  },
  NoPlan: {
    on: ['Contracted'],
    meaning: 'The Contract names no plan for the level that applies today.',
    action: 'Provider: name one in spec.plans of the Contract, from a day that has come.',
  },

  // What is agreed and cannot be worked by.
  PlanNotFound: {
    on: ['Contracted'],
    meaning: 'The ServicePlan that the Contract names does not exist.',
    action: 'Provider: make it anew with the numbers that were agreed; until then none are used.',
  },
  PlanOfAnotherLevel: {
    on: ['Contracted'],
    meaning: 'The ServicePlan that the Contract names is one of another level.',
    action: 'Provider: name one of the level in spec.plans of the Contract.',
  },
  PlanNotYetValid: {
    on: ['Contracted'],
    meaning: 'The ServicePlan that the Contract names is valid only from a later day on.',
    action: 'Provider: name one that is valid from that day on.',
  },
  PlanChanged: {
    on: ['Contracted'],
    meaning:
      'The ServicePlan was deleted and made anew with other numbers. These are not used, for they were not agreed.',
    action: 'Provider: make the plan anew as it was, or agree on others by a plan of another name, from a day to come.',
  },
  InvalidPlan: {
    on: ['Contracted'],
    meaning: 'The ServicePlan was stored under another schema and cannot be read.',
    action: 'Provider: see Ready of the ServicePlan, and make it anew.',
  },
  InvalidContract: {
    on: ['Contracted'],
    meaning: 'The Contract was stored under another schema and cannot be read.',
    action: 'Provider: see Ready of the Contract, and correct it.',
  },
  ContractsNotInstalled: {
    on: ['Contracted'],
    meaning: 'The kinds Contract and ServicePlan are not served.',
    action: "Provider: install Steward's CRDs.",
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof REASONS | SharedReason;
export type Verdict = contract.Verdict<Reason>;
