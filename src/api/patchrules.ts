import { z } from 'zod';
import { Label } from './common.ts';
import { Day } from './day.ts';
import { Duration, DurationOrZero, secondsOf } from './duration.ts';
import { LabelSelector } from './labelselector.ts';
import { Line } from './line.ts';
import type { PatchDeadlines } from './patchdeadlines.ts';
import { isRising } from './rising.ts';
import { keyedList, stringSet, withRules } from './rules.ts';

/** How grave the vendor calls a patch; Unknown: he says nothing. */
export const PatchSeverity = z.enum(['Critical', 'Important', 'Moderate', 'Low', 'Unknown']);
export type PatchSeverity = z.infer<typeof PatchSeverity>;

/** Checks that a patched guest must pass before the next ring begins. */
export const GateCheck = z.enum(['guest-health', 'no-new-alerts']);
export type GateCheck = z.infer<typeof GateCheck>;

/** Names of packages, `*` for anything. */
const PackagePattern = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9*][A-Za-z0-9*+._:~@-]*$/);

const MinimumAge = withRules(
  z.strictObject({
    Critical: DurationOrZero.describe('Of critical patches, e.g. 0s.'),
    Important: DurationOrZero.describe('Of important ones.'),
    Other: DurationOrZero.describe('Of all others.'),
  }),
  {
    rule: 'duration(self.Critical) <= duration(self.Important) && duration(self.Important) <= duration(self.Other)',
    message: 'a less severe patch does not become ripe before a more severe one',
    holds: ({ Critical, Important, Other }) => isRising([Critical, Important, Other].map(secondsOf)),
  },
);

const Updates = z
  .enum(['Security', 'All'])
  .describe('Security: only what mends a hole by the word of its vendor. All: functions too (MO-10).');

const approved = {
  severities: stringSet(PatchSeverity, { min: 1, max: 5 })
    .optional()
    .describe('Only patches that are called so. Absent: all.'),
  allow: stringSet(PackagePattern, { min: 1, max: 64 })
    .optional()
    .describe('Only packages of these names; * stands for anything. Absent: all.'),
  deny: stringSet(PackagePattern, { max: 64 }).optional().describe('Never packages of these names.'),
  exclude: keyedList(
    z.strictObject({
      package: PackagePattern.describe('Name of the package.'),
      reason: Line(200).describe('Why.'),
      until: Day.describe('Last day of it, by UTC: what is withheld is so for a time.'),
    }),
    'package',
    { max: 64 },
  )
    .optional()
    .describe('Packages that are withheld for a time.'),
};

const age = 'Time from a patch being first seen to its being ripe; a newer version does not begin it anew.';

/** What the provider approves for all. */
export const Approval = z.strictObject({
  updates: Updates.prefault('All'),
  ...approved,
  minimumAge: MinimumAge.prefault({ Critical: '0s', Important: '72h', Other: '168h' }).describe(age),
});

/** What a customer approves of that. */
export const NarrowerApproval = z.strictObject({
  updates: Updates.optional(),
  ...approved,
  minimumAge: MinimumAge.optional().describe(age),
});

const percent = /^(100|[1-9]?[0-9])%$/;

function share(least: number) {
  // The bound of the string is said twice: the schema of a number or string keeps none, and CEL's cost is that of the longest.
  return withRules(z.union([z.int(), z.string().max(4)]).meta({ maxLength: 4 }), {
    rule: `type(self) == int ? int(self) >= ${least} && int(self) <= 10000 : string(self).matches('${percent.source}')${least > 0 ? " && string(self) != '0%'" : ''}`,
    message: `is a number from ${least} to 10000 or a percentage, e.g. 25%`,
    holds: value =>
      typeof value === 'number'
        ? value >= least && value <= 10_000
        : percent.test(value) && (least === 0 || value !== '0%'),
  });
}

const ringFields = {
  name: Label.max(20).describe('Name of the ring, e.g. canary.'),
  selector: LabelSelector.optional().describe('Labels of the ManagedVMs that it takes. Absent: all that are left.'),
  maxParallel: share(1).prefault('25%').describe('How many of them are patched at a time.'),
  soak: DurationOrZero.prefault('24h').describe('How long the last patched must have run before the next ring begins.'),
  gate: z
    .strictObject({
      checks: stringSet(GateCheck, { min: 1, max: 8 })
        .prefault(['guest-health'])
        .describe(
          'What each patched guest must pass. guest-health, always: its services and packages. no-new-alerts: no alert of Steward has begun since on a VM of the ring.',
        ),
      maxFailures: share(0)
        .prefault(0)
        .describe('How many may fail; one more halts the policy until somebody resumes it.'),
    })
    .prefault({})
    .describe('What must hold before the next ring begins (MO-11).'),
};

const ProviderRing = z.strictObject({
  ...ringFields,
  namespaces: stringSet(Label, { min: 1, max: 32 })
    .optional()
    .describe('Namespaces whose ManagedVMs it takes: labels alone would let a customer put his VM into any ring.'),
});
const CustomerRing = z.strictObject(ringFields);

/** The provider's: at least a canary and the rest. */
export const ProviderRings = withRules(
  keyedList(ProviderRing, 'name', { min: 2, max: 8 }),
  {
    rule: '!has(self[self.size() - 1].namespaces) && !has(self[self.size() - 1].selector)',
    message: 'the last ring takes every ManagedVM that no ring before it takes: it has neither namespaces nor selector',
    holds: rings => rings.at(-1)?.namespaces === undefined && rings.at(-1)?.selector === undefined,
  },
  {
    rule: 'self.filter(ring, !has(ring.namespaces)).size() <= 1',
    message: 'a ring that others wait for names its namespaces: labels of ManagedVMs are written by customers (MO-11)',
    holds: rings => rings.filter(({ namespaces }) => namespaces === undefined).length <= 1,
  },
);

/** A customer's, which come after the provider's. */
export const CustomerRings = withRules(
  keyedList(CustomerRing, 'name', { min: 1, max: 8 }),
  {
    rule: '!has(self[self.size() - 1].selector)',
    message: 'the last ring takes every ManagedVM that no ring before it takes: it has no selector',
    holds: rings => rings.at(-1)?.selector === undefined,
  },
  {
    rule: 'self.filter(ring, !has(ring.selector)).size() <= 1',
    message: 'every ring but the last has a selector',
    holds: rings => rings.filter(({ selector }) => selector === undefined).length <= 1,
  },
);

export const Reboot = z
  .enum(['Never', 'IfRequired', 'Always'])
  .describe('When a guest is rebooted after patches were installed.');
export const Rollback = z
  .enum(['Never', 'Propose', 'Automatic'])
  .describe('What becomes of a guest that is not healthy after a patch. Automatic loses what was written since.');
export const Snapshot = z.boolean().describe('Whether a snapshot of all disks is made before.');
export const FreshRecoveryPoint = z
  .strictObject({
    maxAge: Duration.describe(
      'How old the newest recovery point may be when a guest is begun, e.g. 4h; from its start, as its data are.',
    ),
  })
  .describe(
    'Nothing is changed in a guest without a recovery point that is new enough; a newer one is asked for before a window opens (AP-13). Absent: it does not matter.',
  );
export const Keep = Duration.describe('How long PatchRuns and PatchBaselines are kept, e.g. 9480h for 13 months.');
export const Postponable = Duration.describe(
  'How far an Approver of the customer may postpone an opening, from its start; each is told 72 h before. Absent: not at all (GE-4).',
);
export const Suspend = z
  .boolean()
  .prefault(false)
  .describe('While true no further guest is begun; what is under way ends.');
export const Resume = z
  .strictObject({
    ring: Label.max(20).describe('The ring that is halted.'),
    afterRun: z
      .string()
      .min(3)
      .max(317)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
      .describe(
        'namespace/name of the PatchRun that halted it: failures up to its end are forgiven, later ones are not.',
      ),
    reason: Line(300).describe('Why it may go on.'),
  })
  .describe('Lets a halted ring go on.');

export type PatchRule = {
  readonly updates: z.infer<typeof Updates>;
  readonly reboot: z.infer<typeof Reboot>;
  readonly rollback: z.infer<typeof Rollback>;
};

/** What would be overdue before it may be installed. */
export const ripeBeforeDue = {
  rule: '!has(self.deadlines) || !has(self.approve) || !has(self.approve.minimumAge) || (duration(self.approve.minimumAge.Critical) < duration(self.deadlines.Critical) && duration(self.approve.minimumAge.Important) < duration(self.deadlines.Important) && duration(self.approve.minimumAge.Other) < duration(self.deadlines.Other))',
  message: 'approve.minimumAge is shorter than the deadline: a patch must be ripe before it is overdue',
  fieldPath: '.approve',
  holds: ({
    approve,
    deadlines,
  }: {
    approve?: { minimumAge?: z.infer<typeof MinimumAge> | undefined } | undefined;
    deadlines?: PatchDeadlines | undefined;
  }) => {
    const age = approve?.minimumAge;
    if (age === undefined || deadlines === undefined) return true;
    return (['Critical', 'Important', 'Other'] as const).every(
      each => secondsOf(age[each]) < secondsOf(deadlines[each]),
    );
  },
};
