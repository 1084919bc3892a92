import { z } from 'zod';
import { WaitingFor } from './changerequest.ts';
import { Conditions, GROUP, nameFitsLabel, ObjectName, ObservedGeneration, VERSION } from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { Line } from './line.ts';
import { Moment } from './moment.ts';
import { OnDemandService } from './ondemandservice.ts';
import { Urgent } from './patchurgent.ts';
import { UserName } from './people.ts';
import { withRules, withTransitionRules } from './rules.ts';

/** What a person can order one by one (MO-2, GE-2). */
export const OrderedService = z.enum([...OnDemandService.options, 'Clone', 'Custom']);
export type OrderedService = z.infer<typeof OrderedService>;

const Ordered = withRules(
  z.strictObject({
    service: OrderedService.describe('What is ordered. Custom is work that people do, by effort (GE-2).'),
    target: z
      .strictObject({
        kind: z.enum(['ManagedVM']).describe('Its kind.'),
        name: ObjectName.describe('Its name, in this namespace.'),
      })
      .describe('For what.'),
    notBefore: Moment.optional().describe('When it may begin. Absent: as soon as it is agreed.'),
    notAfter: Moment.optional().describe(
      'Of PatchRun and Rescue: when it must be over. Absent: 72 h after it may begin, of a Rescue 4 h.',
    ),
    urgent: Urgent.optional().describe(
      'Of PatchRun: an emergency, which is done at once and agreed to afterwards. Neither packages nor advisories: every update for security.',
    ),
    operatingSystem: ObjectName.optional().describe(
      'Of Migration: OperatingSystem of the new root disk (GE-11). Of Rescue: the system that is started beside the broken one; another than that has.',
    ),
    reason: Line(500).describe('Why.'),
    description: Line(500).optional().describe('Of Custom: what shall be done.'),
    requestedBy: UserName.describe('Who orders: the name by which the API server knows him, held to it at admission.'),
  }),
  {
    rule: "(self.service == 'Custom') == has(self.description)",
    message: 'Custom says in description what shall be done, and no other service does',
    fieldPath: '.description',
    holds: ({ service, description }) => (service === 'Custom') === (description !== undefined),
  },
  {
    rule: "(self.service in ['Migration', 'Rescue']) == has(self.operatingSystem)",
    message:
      'Migration names in operatingSystem what the guest is migrated to (GE-11), Rescue what it is rescued from, and no other service does',
    fieldPath: '.operatingSystem',
    holds: ({ service, operatingSystem }) =>
      (service === 'Migration' || service === 'Rescue') === (operatingSystem !== undefined),
  },
  {
    rule: "self.service == 'PatchRun' || (!has(self.urgent) && (self.service == 'Rescue' || !has(self.notAfter)))",
    message: 'only a PatchRun or a Rescue has an end (notAfter), and only a PatchRun is urgent',
    holds: ({ service, notAfter, urgent }) =>
      service === 'PatchRun' || (urgent === undefined && (service === 'Rescue' || notAfter === undefined)),
  },
  {
    rule: '!has(self.notBefore) || !has(self.notAfter) || self.notBefore < self.notAfter',
    message: 'notAfter comes after notBefore',
    fieldPath: '.notAfter',
    holds: ({ notBefore, notAfter }) => notBefore === undefined || notAfter === undefined || notBefore < notAfter,
  },
);

export const ServiceRequestSpec = withTransitionRules(Ordered, {
  rule: 'self == oldSelf',
  message: 'an order is immutable: what else is wanted is another ServiceRequest',
  reason: 'FieldValueForbidden',
}).describe('What is ordered (MO-2).');
export type ServiceRequestSpec = z.infer<typeof ServiceRequestSpec>;

export const ServiceRequestStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    change: z
      .strictObject({
        name: z.string().max(253).describe('Its name, in this namespace.'),
        uid: z.string().max(64).describe('Exactly this one: it is never made anew.'),
      })
      .optional()
      .describe('The ChangeRequest that carries it out.'),
    waitingFor: WaitingFor.optional().describe('Whose turn it is, as the ChangeRequest says.'),
    effort: z.string().max(20).optional().describe('Working time that was booked on it (GE-2).'),
    conditions: Conditions.optional(),
  })
  .describe('What became of it; written by the operator.');
export type ServiceRequestStatus = z.infer<typeof ServiceRequestStatus>;

export type ServiceRequest = Resource<ServiceRequestSpec, ServiceRequestStatus>;

const conditionColumn = (type: string, description: string) =>
  ({ name: type, type: 'string', jsonPath: `.status.conditions[?(@.type=="${type}")].status`, description }) as const;

export const serviceRequest: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ServiceRequest',
  plural: 'servicerequests',
  singular: 'servicerequest',
  shortNames: ['req'],
  namespaced: true,
  acts: ['create'],
  description: 'An order of a service on demand: the way in which people order work (MO-2, GE-2).',
  spec: ServiceRequestSpec,
  status: ServiceRequestStatus,
  validations: [nameFitsLabel],
  selectableFields: ['.spec.service', '.spec.target.name', '.spec.requestedBy'],
  printerColumns: [
    { name: 'Service', type: 'string', jsonPath: '.spec.service', description: 'What is ordered.' },
    { name: 'Target', type: 'string', jsonPath: '.spec.target.name', description: 'For what.' },
    conditionColumn('Accepted', 'Whether it is carried out.'),
    conditionColumn('Done', 'Whether it is over.'),
    { name: 'Change', type: 'string', jsonPath: '.status.change.name', description: 'What carries it out.' },
    { name: 'Waits for', type: 'string', jsonPath: '.status.waitingFor.whom', description: 'Whose turn it is.' },
    { name: 'Effort', type: 'string', jsonPath: '.status.effort', description: 'Working time that was booked.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
