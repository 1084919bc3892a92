import { z } from 'zod';
import { ApplicationLevel } from './applicationlevel.ts';
import { Conditions, GROUP, nameFitsLabel, ObjectName, ObservedGeneration, ServiceLevel, VERSION } from './common.ts';
import { Day } from './day.ts';
import { Duration, secondsOf } from './duration.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { Amount, Currency } from './money.ts';
import { OnDemandService } from './ondemandservice.ts';
import { PatchDeadlines } from './patchdeadlines.ts';
import { isRising } from './rising.ts';
import { keyedList, withRules, withTransitionRules } from './rules.ts';

/** The most urgent first. */
export const PRIORITIES = ['P1', 'P2', 'P3', 'P4'] as const;
export const Priority = z.enum(PRIORITIES).describe('Priority of an incident; P1 is the most urgent.');
export type Priority = z.infer<typeof Priority>;

const Target = withRules(
  z.strictObject({
    response: Duration.describe('Until somebody qualified has begun; hours of the calendar, e.g. 30m.'),
    resolution: Duration.describe('Until the service runs again; hours of the calendar, e.g. 4h.'),
  }),
  {
    rule: 'duration(self.response) <= duration(self.resolution)',
    message: 'resolution is not shorter than response',
    fieldPath: '.resolution',
    holds: ({ response, resolution }) => secondsOf(response) <= secondsOf(resolution),
  },
);

const Targets = withRules(
  z.strictObject({
    P1: Target.describe('The most urgent.'),
    P2: Target.describe('Urgent.'),
    P3: Target.describe('Normal.'),
    P4: Target.describe('The least urgent.'),
  }),
  ...(['response', 'resolution'] as const).map(time => ({
    rule: `duration(self.P1.${time}) <= duration(self.P2.${time}) && duration(self.P2.${time}) <= duration(self.P3.${time}) && duration(self.P3.${time}) <= duration(self.P4.${time})`,
    message: `${time} is no shorter for a less urgent priority than for a more urgent one`,
    holds: (targets: Readonly<Record<Priority, { response: string; resolution: string }>>) =>
      isRising(PRIORITIES.map(priority => secondsOf(targets[priority][time]))),
  })),
);

const atomic = { 'x-kubernetes-list-type': 'atomic' } as const;

/** Rows: impact 1 (many, or all of it) to 3; columns: urgency 1 (now) to 3. */
const Matrix = withRules(z.array(z.array(Priority).min(3).max(3).meta(atomic)).min(3).max(3).meta(atomic), {
  rule: 'self.all(row, row[0] <= row[1] && row[1] <= row[2]) && [0, 1, 2].all(urgency, self[0][urgency] <= self[1][urgency] && self[1][urgency] <= self[2][urgency])',
  message: 'a higher impact or urgency never gives a less urgent priority: 1 is the highest of each',
  holds: rows => rows.every(isRising) && [0, 1, 2].every(urgency => isRising(rows.map(row => row[urgency] ?? ''))),
});

const Incidents = z.strictObject({
  priorities: Targets.describe('Times by priority.'),
  matrix: Matrix.prefault([
    ['P1', 'P2', 'P3'],
    ['P2', 'P3', 'P4'],
    ['P3', 'P4', 'P4'],
  ]).describe('Priority by impact (row, 1 to 3) and urgency (column, 1 to 3); 1 is the highest of each.'),
});

const Backup = z.strictObject({
  recoveryPointObjective: Duration.describe('Most that may be lost, as time, e.g. 26h.'),
  recoveryTimeObjective: Duration.describe('Longest that a restore may take, e.g. 4h.'),
  policyRef: ObjectName.optional().describe(
    'Name of the ClusterBackupPolicy that is the standard: it applies to a VM that names no policy, and one that names a weaker policy is not compliant (AP-6).',
  ),
});

const Prices = z.strictObject({
  currency: Currency.describe('ISO 4217, e.g. EUR; of all amounts, which have two places.'),
  perMonth: Amount.describe('Fee of a system for a month (GE-1), e.g. 49.00.'),
  billWhenStopped: z.boolean().prefault(true).describe('Whether a system that is powered off costs the fee too.'),
  effortPerHour: Amount.describe('Work by effort (GE-2, GE-3), an hour.'),
  onDemand: keyedList(
    z.strictObject({
      service: OnDemandService.describe('What is ordered.'),
      price: Amount.describe('What it costs, each time.'),
    }),
    'service',
    { max: 16 },
  )
    .optional()
    .describe('Services with a price of their own (MO-2); all others are work by effort.'),
  applications: keyedList(
    z.strictObject({
      level: ApplicationLevel,
      perMonth: Amount.describe('Fee of an application for a month.'),
    }),
    'level',
    { max: 3 },
  )
    .optional()
    .describe('Fees of applications on systems of this level (GE-1). What has none here cannot be billed.'),
  licences: keyedList(
    z.strictObject({
      product: ObjectName.describe('Name of the Product.'),
      perMonth: Amount.describe('Price for a month of each that is metered: VM, virtual CPU or installation.'),
    }),
    'product',
    { max: 10 },
  )
    .optional()
    .describe('Licences that are billed beside the service (AP-1). What has none here cannot be billed.'),
});

const LEVEL_NEEDS = [
  { field: 'availability', why: 'monitoring (MO-5)' },
  { field: 'incidents', why: 'incident handling (MO-6)' },
  { field: 'patching', why: 'patching (MO-3)' },
] as const;

const Numbers = withRules(
  z.strictObject({
    serviceLevel: ServiceLevel,
    validFrom: Day.describe('First day on which it may apply, in the zone of the contract.'),
    calendarRef: ObjectName.describe(
      'Name of the ServiceCalendar in whose hours response and resolution are counted (GE-5, MO-6).',
    ),
    availability: z
      .strictObject({
        target: z
          .string()
          .min(2)
          .max(6)
          .regex(/^(100|[1-9][0-9](\.[0-9]{0,2}[1-9])?)$/)
          .describe('Percent of a month, from 10 to 100, with up to three places, e.g. 99.9.'),
      })
      .optional()
      .describe('How long the system is available; where the level includes monitoring (MO-5), and only there.'),
    incidents: Incidents.optional().describe(
      'How fast incidents are handled; where the level includes it (MO-6), and only there.',
    ),
    patching: z
      .strictObject({
        deadlines: PatchDeadlines.describe('Time from a patch being offered to its being installed.'),
        policyRef: ObjectName.optional().describe(
          'Name of the ClusterPatchPolicy that applies where several select the namespace.',
        ),
      })
      .optional()
      .describe('How soon patches are installed; where the level includes patching (MO-3), and only there.'),
    backup: Backup.optional().describe('What holds of backups where they are ordered (AP-13).'),
    prices: Prices.describe('What it costs (GE-1, GE-2).'),
  }),
  ...LEVEL_NEEDS.map(({ field, why }) => ({
    rule: `has(self.${field}) == (self.serviceLevel != 'Admin')`,
    message: `${field} is needed at MonitoringAndPatching and AdvancedMonitoringAndPatching, which include ${why}, and has no meaning at Admin, which does not`,
    fieldPath: `.${field}`,
    holds: (spec: { readonly serviceLevel: ServiceLevel } & { readonly [Field in typeof field]?: unknown }) =>
      (spec[field] !== undefined) === (spec.serviceLevel !== 'Admin'),
  })),
);

export const ServicePlanSpec = withTransitionRules(Numbers, {
  rule: 'self == oldSelf',
  message:
    'a plan is a published price list and never changes: make one of another name, and let the Contract name it from a day on',
  reason: 'FieldValueForbidden',
}).describe('The numbers of a service level, and its prices. Immutable.');
export type ServicePlanSpec = z.infer<typeof ServicePlanSpec>;

/** SHA-256 of what a plan says. */
export const PlanRevision = z.string().max(71).describe('SHA-256 of everything that the plan says.');

export const ServicePlanStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    revision: PlanRevision.optional(),
    contracts: z.int().min(0).optional().describe('Contracts that name it.'),
    usedFrom: Day.optional().describe('First day on which it applies in any of them.'),
    conditions: Conditions.optional(),
  })
  .describe('What holds; written by the operator.');
export type ServicePlanStatus = z.infer<typeof ServicePlanStatus>;

export type ServicePlan = Resource<ServicePlanSpec, ServicePlanStatus>;

export const servicePlan: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ServicePlan',
  plural: 'serviceplans',
  singular: 'serviceplan',
  shortNames: ['mplan'],
  namespaced: false,
  readBy: 'provider',
  description:
    'The numbers that are promised at a service level, and what they cost: a price list, which never changes.',
  spec: ServicePlanSpec,
  status: ServicePlanStatus,
  validations: [nameFitsLabel],
  selectableFields: ['.spec.serviceLevel'],
  printerColumns: [
    { name: 'Level', type: 'string', jsonPath: '.spec.serviceLevel', description: 'Service level.' },
    {
      name: 'Valid from',
      type: 'string',
      jsonPath: '.spec.validFrom',
      description: 'First day on which it may apply.',
    },
    { name: 'Per month', type: 'string', jsonPath: '.spec.prices.perMonth', description: 'Fee of a system.' },
    { name: 'Currency', type: 'string', jsonPath: '.spec.prices.currency', description: 'Currency of the fee.' },
    { name: 'Contracts', type: 'integer', jsonPath: '.status.contracts', description: 'Contracts that name it.' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether it can be worked by.',
    },
    {
      name: 'Revision',
      type: 'string',
      jsonPath: '.status.revision',
      description: 'What it says, as a hash.',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
