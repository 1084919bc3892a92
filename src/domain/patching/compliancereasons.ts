import { NOTHING, type ReasonMeaning, WAIT } from '../contract/reasons.ts';

/** Why the patches of a guest are in time, are not, or nobody knows (compliant.ts). */
export const COMPLIANCE_REASONS = {
  PatchesInTime: {
    on: ['PatchCompliant'],
    meaning:
      "The guest's package manager was asked, and no update is overdue, blocked past its deadline, failed, or waiting for a reboot. What is approved and in time, not approved yet or excluded is counted in the message.",
    action: NOTHING,
  },
  UpdatesOverdue: {
    on: ['PatchCompliant'],
    meaning:
      'Updates are missing past the deadline of their severity. A hole counts whoever did not approve it, and also where no ring has proven its update (MO-11).',
    action:
      'Provider: see the last PatchRun and the rings of the policy ([runbook](runbooks/ManagedVMPatchesOverdue.md)).',
  },
  UpdatesBlocked: {
    on: ['PatchCompliant'],
    meaning:
      'Updates are past their deadline and cannot be installed as they are: held in the guest, without a licence, or at the price of other packages.',
    action:
      'Decide together: take the hold or the obstacle away, or exclude the package with a reason and an end (approve.exclude).',
  },
  UpdatesFailed: {
    on: ['PatchCompliant'],
    meaning: 'The last PatchRun tried to install updates and could not; the next window tries again.',
    action: 'Provider: see the PatchRun ([runbook](runbooks/ManagedVMPatchRunFailed.md)).',
  },
  RebootPending: {
    on: ['PatchCompliant'],
    meaning: 'Updates are installed that take effect at the next boot: until then they are not in force.',
    action: 'Wait for the next window, or restart the guest.',
  },
  NotScanned: {
    on: ['PatchCompliant'],
    meaning: "Nobody has asked the guest's package manager yet.",
    action: `${WAIT} It takes a guest worker that gets in: see GuestReachable.`,
  },
  ScanOutdated: {
    on: ['PatchCompliant'],
    meaning: "The last answer of the guest's package manager is older than two days, or from the future.",
    action: 'See GuestReachable; provider: see the guest worker, and its clock.',
  },
  ScanIncomplete: {
    on: ['PatchCompliant'],
    meaning:
      "The guest's package manager could not read all of its sources, or does not tell whether a reboot is pending, so that what it lists may not be all.",
    action:
      'In the guest: see which source is not reached; where the tool that tells of reboots is missing, install it.',
  },
  UpdatesUnknown: {
    on: ['PatchCompliant'],
    meaning:
      'No source tells of some updates whether they mend a hole, though only those are approved; or more updates are missing than are listed.',
    action:
      'Use sources that publish advisories, or approve all updates; where more are missing than are listed, wait for the next run.',
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;
