import { z } from 'zod';
import { Advice } from './applicationadvice.ts';
import { ApplicationBackup } from './applicationbackup.ts';
import { ApplicationLevel } from './applicationlevel.ts';
import { ApplicationLicence } from './applicationlicence.ts';
import { MeasuredAvailability, MeasuredResponseTimes } from './applicationmeasured.ts';
import { PerformanceReviews } from './applicationreview.ts';
import { ApplicationUpdate } from './applicationupdate.ts';
import { Conditions, GROUP, Instant, ObjectName, ObservedGeneration, VERSION, VirtualMachineName } from './common.ts';
import { EndOfLife } from './endoflife.ts';
import type { KindDefinition, ObjectRule, Resource } from './kind.ts';
import { LineName } from './linename.ts';
import { LineChange } from './lineupgrade.ts';
import { stringSet, withNativeRule, withRules, withTransitionRules } from './rules.ts';

const ParameterValue = z.union([z.int(), z.string().max(256)]).meta({ maxLength: 256 });

const PARAMETER_NAME = '^[a-z][a-z0-9_]{0,62}$';
const MOST_PARAMETERS = 64;

const Parameters = withRules(
  withNativeRule(
    z.record(z.string(), ParameterValue),
    { maxProperties: MOST_PARAMETERS },
    `has at most ${MOST_PARAMETERS} parameters`,
    parameters => Object.keys(parameters).length <= MOST_PARAMETERS,
  ),
  {
    rule: `self.all(name, name.matches('${PARAMETER_NAME}'))`,
    message: 'a parameter has a name as a Product calls it: at most 63 of a-z, 0-9 and _, a letter first',
    holds: parameters => Object.keys(parameters).every(name => new RegExp(PARAMETER_NAME).test(name)),
  },
);

export const ManagedApplicationSpec = z
  .strictObject({
    product: withTransitionRules(ObjectName, {
      rule: 'self == oldSelf',
      message: 'product is immutable: another product is another ManagedApplication',
      reason: 'FieldValueForbidden',
    }).describe('Product of the catalogue. Immutable.'),
    line: withTransitionRules(LineName, {
      rule: 'self == oldSelf',
      message: 'line is changed by an approved ChangeRequest, never by an edit (GE-11)',
      reason: 'FieldValueForbidden',
    }).describe('Version line, e.g. 17; the exact version is the provider’s matter and stands in status.'),
    nextLine: LineName.optional().describe(
      'Line that it is to be changed to: asks for a ChangeRequest, and nothing is done before both sides have agreed to that (GE-11). It stays here when it is done; status.line says which line runs.',
    ),
    serviceLevel: ApplicationLevel,
    managedVMs: withTransitionRules(stringSet(VirtualMachineName, { min: 1, max: 1 }), {
      rule: 'self == oldSelf',
      message: 'managedVMs is immutable: data does not move by an edit',
      reason: 'FieldValueForbidden',
    }).describe(
      'ManagedVMs in which it runs, at Monitoring & Patching or higher (AP-7). One so far: no product spans several. Immutable.',
    ),
    parameters: Parameters.optional().describe(
      'Settings of the product, each as the Product allows it. A Switch is written as "on" or "off".',
    ),
    modules: stringSet(
      z
        .string()
        .max(63)
        .regex(/^[a-z][a-z0-9_-]*$/),
      { max: 32 },
    )
      .optional()
      .describe('Modules of the product, of those that it supports.'),
    windowRef: ObjectName.optional().describe(
      'MaintenanceWindow in which a restart may be. Default: the windows in which the VM is patched.',
    ),
  })
  .describe('What is ordered.');
export type ManagedApplicationSpec = z.infer<typeof ManagedApplicationSpec>;

const Pending = z.strictObject({
  what: z
    .string()
    .max(1024)
    .describe('What will change, from what to what, why, and whether it takes a restart; a sentence.'),
  notBefore: Instant.optional().describe('When it is done at the earliest.'),
});

export const ManagedApplicationStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    line: LineName.optional().describe(
      'Version line that runs, or is to be set up; by an approved change another than the one of spec.line.',
    ),
    lineChange: LineChange.optional(),
    endOfLife: EndOfLife.optional(),
    version: z.string().max(128).optional().describe('Exact version, as read in the guest.'),
    plan: z
      .strictObject({
        revision: z.string().max(71).describe('Hash of what shall be so in the guest.'),
        since: Instant.describe('Since when.'),
      })
      .optional()
      .describe('What the guest worker was told last.'),
    installed: Instant.optional().describe(
      'When all of it was found in the guest for the first time; its promises count from then on.',
    ),
    credentials: z
      .strictObject({
        verifier: z.string().max(71).describe('Hash of a verifier of its password, by which it is known again.'),
      })
      .optional()
      .describe('The credentials that were made for its binding; never made again silently.'),
    binding: z
      .strictObject({ name: z.string().max(253).describe('Secret of this namespace with address and credentials.') })
      .optional()
      .describe('By the specification of service bindings.'),
    backup: ApplicationBackup.optional().describe('Its dumps and their proofs in the guest (AP-13).'),
    pending: z
      .array(Pending)
      .max(32)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('What will change.'),
    licence: ApplicationLicence.optional(),
    availability: MeasuredAvailability.optional(),
    responseTime: MeasuredResponseTimes.optional(),
    advice: Advice.optional(),
    reviews: PerformanceReviews.optional(),
    updates: z
      .array(ApplicationUpdate)
      .max(5)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('The last updates inside its line, the newest first.'),
    conditions: Conditions.optional(),
  })
  .describe('What holds; written by the operator.');
export type ManagedApplicationStatus = z.infer<typeof ManagedApplicationStatus>;

export type ManagedApplication = Resource<ManagedApplicationSpec, ManagedApplicationStatus>;

const shortName: ObjectRule = {
  rule: 'self.metadata.name.size() <= 40',
  message: 'metadata.name has at most 40 characters, because what runs in the guest is called by it',
  holds: ({ metadata }) => metadata.name.length <= 40,
};

const condition = (type: string, name: string, description: string, priority?: number) => ({
  ...{ name, description, type: 'string' as const },
  jsonPath: `.status.conditions[?(@.type=="${type}")].status`,
  ...(priority !== undefined && { priority }),
});

export const managedApplication: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ManagedApplication',
  plural: 'managedapplications',
  singular: 'managedapplication',
  shortNames: ['mapp'],
  namespaced: true,
  description:
    'An application of the catalogue, which the provider installs in a ManagedVM, runs and keeps (AP-1 to AP-14).',
  spec: ManagedApplicationSpec,
  status: ManagedApplicationStatus,
  validations: [shortName],
  selectableFields: ['.spec.product', '.spec.serviceLevel'],
  printerColumns: [
    { name: 'Product', type: 'string', jsonPath: '.spec.product', description: 'Product.' },
    { name: 'Line', type: 'string', jsonPath: '.status.line', description: 'Version line.' },
    { name: 'Level', type: 'string', jsonPath: '.spec.serviceLevel', description: 'Service level.' },
    { name: 'VM', type: 'string', jsonPath: '.spec.managedVMs[*]', description: 'ManagedVM in which it runs.' },
    { name: 'Version', type: 'string', jsonPath: '.status.version', description: 'Exact version.' },
    condition('Ready', 'Ready', 'Whether what was ordered is there.'),
    condition('Available', 'Available', 'Whether it works, as its probes find.'),
    condition('SLACompliant', 'SLA', 'Whether the promises of its level are kept.'),
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
