import { z } from 'zod';
import { GROUP, nameFitsLabel, ObjectName, VERSION } from './common.ts';
import { Duration, DurationOrZero } from './duration.ts';
import { ATOMIC, PackageWord, UpdateSeverity } from './guestupdates.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { Line } from './line.ts';
import { Moment, WrittenMoment } from './moment.ts';
import { OperatingSystemSpec } from './operatingsystem.ts';
import { StepsAfter, StepsBefore } from './patchsteps.ts';
import { Urgent } from './patchurgent.ts';
import { withRules, withTransitionRules } from './rules.ts';
import { finalVerdict } from './verdict.ts';

const list = <Item extends z.ZodType>(item: Item, max: number) => z.array(item).max(max).meta(ATOMIC);

const Uid = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9A-Za-z-]+$/);

/** A package's name with `*` for whatever stands there. */
const PackagePattern = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9*][A-Za-z0-9*+._:~@-]*$/);

/** Words of Steward's that may quote a guest's: made one bounded line before they are written. */
const Said = (max: number) => z.string().max(max);

export const PatchPolicyKind = z.enum(['PatchPolicy', 'ClusterPatchPolicy']);

const Policy = z.strictObject({
  kind: PatchPolicyKind.describe('Its kind.'),
  name: ObjectName.describe('Its name.'),
  uid: Uid.describe('Exactly this incarnation of it.'),
  generation: z.int().min(0).describe('As it stood when the window opened.'),
});

const Occurrence = withRules(
  z.strictObject({
    window: z.string().min(1).max(63).describe('Name of the window.'),
    date: z
      .string()
      .min(10)
      .max(10)
      .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)
      .describe('The local day on which it opened: with the name of the window, which occurrence it is.'),
    start: Moment.describe('When it opened.'),
    cutoff: Moment.describe('From when on no package is installed any more: what is left is for reboot and checks.'),
    end: Moment.describe('When it closes.'),
  }),
  {
    rule: 'self.start < self.cutoff && self.cutoff <= self.end',
    message: 'cutoff lies after start, and not after end',
    fieldPath: '.cutoff',
    holds: ({ start, cutoff, end }) => start < cutoff && cutoff <= end,
  },
);

const By = z.enum(['Provider', 'Customer']).describe('Whose policy says so.');

const BySeverity = z.strictObject({
  Critical: DurationOrZero.describe('Of critical ones.'),
  Important: DurationOrZero.describe('Of important ones.'),
  Other: DurationOrZero.describe('Of all others.'),
});

/** What was agreed on, as the two policies said together when the window opened. */
const Terms = z.strictObject({
  updates: z.enum(['Security', 'All']).describe('Which updates are approved.'),
  severities: list(UpdateSeverity, 5).optional().describe('Of which severities only. Absent: of any.'),
  minimumAge: BySeverity.describe('How long an update must have been there before it is approved.'),
  deadlines: BySeverity.describe('When a missing update is overdue.'),
  allow: list(list(PackagePattern, 64), 2).describe('A package must match one of each list. None: any package.'),
  deny: list(z.strictObject({ pattern: PackagePattern.describe('Which packages.'), by: By }), 128).describe(
    'Which packages are not installed.',
  ),
  exclude: list(
    z.strictObject({
      package: PackagePattern.describe('Which packages.'),
      reason: Line(200).describe('Why.'),
      until: WrittenMoment.describe('Until when.'),
      by: By,
    }),
    128,
  ).describe('Which packages are not installed for a time.'),
  reboot: z.enum(['Never', 'IfRequired', 'Always']).describe('Whether the guest is rebooted afterwards.'),
  rollback: z.enum(['Never', 'Propose', 'Automatic']).describe('What is done where it fails.'),
  snapshot: z
    .boolean()
    .optional()
    .describe(
      'Whether nothing is installed without a snapshot of every disk. Absent: only where the rollback needs one.',
    ),
  soak: DurationOrZero.optional().describe('How long a snapshot is kept after a run that went well. Absent: 24h.'),
  before: StepsBefore.optional().describe('What is done in the guest before the first change.'),
  after: StepsAfter.optional().describe('What is done in it after the last.'),
});

const Pin = z.strictObject({
  package: PackageWord(128).describe('Which package.'),
  version: PackageWord(128).describe('Exactly which version.'),
});

const ProvenPin = Pin.extend({
  comesAlong: z
    .literal(true)
    .optional()
    .describe('It is installed only where another brings it: the guest has not told that it lacks it.'),
});

export const PatchRunSpec = withTransitionRules(
  z.strictObject({
    managedVM: z
      .strictObject({
        name: ObjectName.describe('Its name, in this namespace.'),
        uid: Uid.describe('Exactly this incarnation of it.'),
      })
      .describe('Whose guest is patched.'),
    packageManager: OperatingSystemSpec.shape.packageManager,
    policy: Policy.describe('By which policy.'),
    occurrence: Occurrence.describe('In which occurrence of which window.'),
    ring: z.string().min(1).max(63).optional().describe('In which ring of the policy. Absent: it has none.'),
    ringOf: z.enum(['Provider', 'Customer']).optional().describe('Whose ring that is: both may have one of a name.'),
    parallel: z.int().min(1).max(10_000).describe('How many guests of its ring are worked in at once.'),
    baseline: z
      .strictObject({
        name: ObjectName.describe('Which PatchBaseline.'),
        revision: z.int().min(0).describe('Which revision of it.'),
      })
      .optional()
      .describe('Which content. Absent: what the terms approve.'),
    terms: Terms.describe(
      'What was approved when the window opened: what is edited later is the matter of later runs.',
    ),
    proven: z
      .strictObject({
        ring: z.string().min(1).max(63).describe('The ring before.'),
        packages: list(ProvenPin, 500).describe(
          'What it has proven of what the guest lacks: exactly these versions are installed, and nothing else.',
        ),
        askedAt: WrittenMoment.optional().describe(
          'When the guest had said what it lacks: of what it did not lack then only what was first seen later is listed. Absent: all is listed that was proven.',
        ),
      })
      .optional()
      .describe('What a ring before has proven (MO-11). Absent: it is the first ring, which proves it for the others.'),
    recoveryPoint: z
      .strictObject({
        backup: ObjectName.describe("Which Backup of Velero's."),
        time: WrittenMoment.describe('As of when its data are.'),
      })
      .optional()
      .describe('The newest recovery point when it was made, where the policies ask for one (AP-13).'),
    change: z
      .strictObject({
        name: ObjectName.describe('Its name, in this namespace.'),
        uid: Uid.describe('Exactly this incarnation of it.'),
      })
      .describe('The ChangeRequest that it is part of (GE-6).'),
    urgent: Urgent.optional(),
    keep: Duration.describe('How long it is kept after its end.'),
    askedBy: Line(256).describe('Who asked for it: the policy, or the order of a service.'),
  }),
  {
    rule: 'self == oldSelf',
    message: 'a run is immutable: it ends under the terms it began with (GE-8)',
    reason: 'FieldValueForbidden',
  },
).describe('What was to be done; written once, before anything is done.');
export type PatchRunSpec = z.infer<typeof PatchRunSpec>;

/** Phases in which nothing happens any more: the verdict. */
export const FINAL_PHASES = [
  'Succeeded',
  'SucceededRebootPending',
  'NothingToDo',
  'WindowExceeded',
  'Skipped',
  'Failed',
  'RolledBack',
  'Unknown',
] as const;

export const PatchRunPhase = z.enum([
  'Planned',
  'PreChecks',
  'Planning',
  'Snapshotting',
  'StepsBefore',
  'Patching',
  'Rebooting',
  'Verifying',
  'StepsAfter',
  'RollingBack',
  ...FINAL_PHASES,
]);
export type PatchRunPhase = z.infer<typeof PatchRunPhase>;
export type FinalPhase = (typeof FINAL_PHASES)[number];

/** Whether a run that stands there has its verdict. */
export function isFinal(phase: string | undefined): phase is FinalPhase {
  return FINAL_PHASES.some(final => final === phase);
}

export const PatchRunStep = z.enum([
  ...['preflight', 'plan', 'snapshot', 'before', 'install', 'verify', 'reboot', 'recheck'],
  ...['restart', 'startagain', 'after', 'rollback', 'backcheck'],
] as const);
export type PatchRunStep = z.infer<typeof PatchRunStep>;

const Unit = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9:_.\\@-]+$/);

const Snapshot = z.strictObject({
  name: ObjectName.describe('The VirtualMachineSnapshot.'),
  uid: Uid.describe('Exactly this incarnation of it.'),
  takenAt: WrittenMoment.optional().describe('As of when the disks are in it. Absent: it is not whole yet.'),
  consistency: z
    .enum(['FilesystemConsistent', 'CrashConsistent'])
    .optional()
    .describe(
      'FilesystemConsistent: the guest agent held the file systems meanwhile. CrashConsistent: as if the power had gone.',
    ),
  disks: list(z.string().min(1).max(63), 64).optional().describe('Volumes that are in it.'),
});
export type PatchRunSnapshot = z.infer<typeof Snapshot>;

const Rollback = z.strictObject({
  reason: Said(400).optional().describe('Why the run had failed.'),
  instance: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('UID of the VirtualMachineInstance that is ended for it, or none: from then on the machine is stopped.'),
  restore: Uid.optional().describe('UID of the VirtualMachineRestore, which has the name of the run.'),
  disks: list(
    z.strictObject({
      disk: z.string().min(1).max(63).describe('Which disk.'),
      claim: z.string().min(1).max(253).describe('The PersistentVolumeClaim that takes its place.'),
      uid: Uid.describe('Exactly this incarnation of it.'),
      before: z.string().min(1).max(253).optional().describe('The claim that it was, which stays as it is.'),
    }),
    64,
  )
    .optional()
    .describe('What KubeVirt made from the snapshot: the ManagedVM takes these claims, and no others.'),
  restoredAt: WrittenMoment.optional().describe('When KubeVirt was done: from then on the machine starts.'),
});

const Part = z.strictObject({
  step: Said(160).describe('Which of the steps that the policies name.'),
  verdict: z
    .enum(['Passed', 'Unneeded', 'Failed', 'NotTried'])
    .describe(
      'How it ended. Unneeded: the service that was to be stopped did not run. NotTried: one before has failed.',
    ),
  detail: Said(200).optional().describe('More about it.'),
});
export type PatchRunPart = z.infer<typeof Part>;

const Restart = z.strictObject({
  instance: z.string().min(1).max(64).describe('UID of the VirtualMachineInstance that ends for it, and of no other.'),
});

const Step = z.strictObject({
  name: PatchRunStep.describe('Which step.'),
  attempt: z.int().min(1).max(9).describe('Which attempt: steps that change the guest have one.'),
  began: WrittenMoment.describe('When it was claimed: from then on it may have begun.'),
  ended: WrittenMoment.optional().describe('When its end was seen.'),
  verdict: z
    .enum(['Passed', 'Failed', 'CutOff', 'Unknown', 'Withdrawn', 'NotUnderstood'])
    .optional()
    .describe('How it ended. Withdrawn: it was too late for it, and it never begins.'),
  detail: Said(300).optional().describe('More about it.'),
  parts: list(Part, 16).optional().describe('Of the steps that the policies name, what became of each.'),
});

export const PatchRunPackage = z.strictObject({
  package: PackageWord(128).describe('Which package.'),
  from: PackageWord(128).optional().describe('The version that was installed. Absent: none.'),
  to: PackageWord(128).describe('The version that was planned.'),
  security: z.boolean().optional().describe('Whether it mends a hole. Absent: its source does not say.'),
  severity: UpdateSeverity.optional().describe('How grave the vendor calls it.'),
  state: z
    .enum(['Pending', 'Installed', 'Failed', 'Left'])
    .describe(
      'Installed: read back from the guest at this version. Pending: there was no time. Left: not approved, or held.',
    ),
  reason: Said(200).optional().describe('Why it was not installed.'),
});
export type PatchRunPackage = z.infer<typeof PatchRunPackage>;

export const PatchRunStatus = z
  .strictObject({
    phase: PatchRunPhase.describe('Where it stands.'),
    message: Said(1000).optional().describe('Why, in full sentences with numbers.'),
    worker: Said(253).optional().describe('Which runner works on it, or did so last.'),
    steps: list(Step, 32).optional().describe('What was done in the guest, in its order.'),
    bootIdBefore: z
      .string()
      .max(36)
      .optional()
      .describe('The boot of the guest before the run, or in which it was told to reboot.'),
    bootIdAfter: z
      .string()
      .max(36)
      .optional()
      .describe('The boot of the guest afterwards: another one proves the reboot.'),
    rebootPending: z.boolean().optional().describe('Whether the guest waits for a reboot. Absent: it is not known.'),
    restartPending: z
      .boolean()
      .optional()
      .describe(
        'Whether settings of the VM wait for a restart, as its ManagedVM said: then it is restarted where the guest would be rebooted.',
      ),
    restart: Restart.optional().describe('How the VM was restarted.'),
    failedBefore: list(Unit, 100)
      .optional()
      .describe("Units that had failed before anything was changed: only others are the patch's doing."),
    snapshot: Snapshot.optional().describe('The snapshot that was made before the first change.'),
    rollback: Rollback.optional().describe('How the VM was turned back to the snapshot.'),
    packages: list(PatchRunPackage, 200).optional().describe('What became of each package.'),
    more: z.int().min(1).optional().describe('How many packages more there were than are listed.'),
    ended: WrittenMoment.optional().describe('When the verdict was written.'),
  })
  .describe('How it went; written by Steward alone.');
export type PatchRunStatus = z.infer<typeof PatchRunStatus>;

export type PatchRun = Resource<PatchRunSpec, PatchRunStatus>;

export const patchRun: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'PatchRun',
  plural: 'patchruns',
  singular: 'patchrun',
  shortNames: ['prun'],
  namespaced: true,
  writtenBy: 'steward',
  description:
    'The patching of one guest in one occurrence of a maintenance window: what was to be installed, what was done, and what was read back (MO-3, GE-8).',
  spec: PatchRunSpec,
  status: PatchRunStatus,
  validations: [nameFitsLabel],
  changeRules: [finalVerdict('run', FINAL_PHASES)],
  selectableFields: ['.spec.policy.uid', '.spec.managedVM.name', '.status.phase'],
  printerColumns: [
    { name: 'VM', type: 'string', jsonPath: '.spec.managedVM.name', description: 'Whose guest.' },
    { name: 'Window', type: 'date', jsonPath: '.spec.occurrence.start', description: 'When the window opened.' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase', description: 'Where it stands.' },
    { name: 'Reboot', type: 'boolean', jsonPath: '.status.rebootPending', description: 'Whether a reboot is pending.' },
    { name: 'Ended', type: 'date', jsonPath: '.status.ended', description: 'When the verdict was written.' },
    { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Why.' },
    { name: 'Policy', type: 'string', jsonPath: '.spec.policy.name', description: 'By which policy.', priority: 1 },
    { name: 'Change', type: 'string', jsonPath: '.spec.change.name', description: 'By which change.', priority: 1 },
    { name: 'Ring', type: 'string', jsonPath: '.spec.ring', description: 'In which ring.', priority: 1 },
  ],
};
