/**
 * The change of one opening of a policy in one namespace (GE-6): pre-approved by the policy, and cited by each PatchRun of that opening. One for all
 * guests of the namespace, not one for each: docs/adr/0157.
 */

import { nameBetween, shortHash } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import { VERDICTS_MS } from '../contract/setout.ts';
import { changeBySteward } from '../contract/stewardchange.ts';
import type { Occurrence } from './window.ts';

const HOUR = 3_600_000;
/** How long before its window a change is made that customers may postpone: they are told then (MaintenanceAnnounced). */
const NOTICE_MS = 72 * HOUR;

export type OpeningPolicy = {
  readonly kind: 'PatchPolicy' | 'ClusterPatchPolicy';
  readonly name: string;
  readonly uid: string;
  /** How far an Approver of the customer may postpone a window; undefined: not at all (GE-4). */
  readonly postponableMs: number | undefined;
};

/** When the change of an opening is made: where it can be postponed, as soon as customers are told of it. */
export function madeFrom({ postponableMs }: OpeningPolicy, { start }: Occurrence): Date {
  return postponableMs === undefined ? start : new Date(start.getTime() - NOTICE_MS);
}

/** One name for a policy and an opening; which namespace it is in tells the rest. A policy made anew has others. */
export function windowChangeName(policyUid: string, { window, date }: Pick<Occurrence, 'window' | 'date'>): string {
  const hash = shortHash(`${policyUid} ${window}`, 8);
  return nameBetween('patch-', window, `-${date}-${hash}`);
}

export function windowChange(policy: OpeningPolicy, namespace: string, opening: Occurrence) {
  const { kind, name, uid, postponableMs } = policy;
  const { window, date, start, cutoff, end } = opening;
  return changeBySteward(windowChangeName(uid, opening), namespace, {
    title: cut(`Patches by ${kind} ${name} in window ${window} of ${date}`, 120),
    class: 'Standard',
    target: { kind, name, uid },
    plan: [
      cut(
        `From ${instant(start)} on Steward begins one PatchRun in the guest of each ManagedVM of namespace ${namespace} that ${kind} ${name} applies to, ring by ring, and installs what is approved and proven then: each run says on which terms.`,
        500,
      ),
      `Nothing is installed from ${instant(cutoff)} on; reboots and checks are over by ${instant(end)}.`,
      'What is installed is read back from each guest; the PatchRuns that cite this change tell it.',
    ],
    operation: 'PatchRun',
    reason: cut(`${kind} ${name} keeps patches in time (MO-3).`, 500),
    risk: {
      rating: 'Medium',
      reasons: [
        'Packages change in guests that work, and some are rebooted.',
        'What is installed was run with before in the rings of the policy (MO-11).',
      ],
    },
    window: { notBefore: instant(start), notAfter: instant(new Date(end.getTime() + VERDICTS_MS)) },
    ...(postponableMs !== undefined && { postponableUntil: instant(new Date(start.getTime() + postponableMs)) }),
    wayBack:
      'As the policy has it for a guest that is not healthy afterwards (rollback); else packages are put back by hand.',
    preApprovedBy: { kind, name },
  });
}
