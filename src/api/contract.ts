import { z } from 'zod';
import {
  Conditions,
  GROUP,
  Label,
  nameFitsLabel,
  ObjectName,
  ObservedGeneration,
  ServiceLevel,
  VERSION,
} from './common.ts';
import { Day } from './day.ts';
import type { KindDefinition, Resource, ValidationRule } from './kind.ts';
import { ContactRole, UserName } from './people.ts';
import { keyedList, namedList, stringSet, withRules } from './rules.ts';
import { PlanRevision } from './serviceplan.ts';
import { MailAddress, Webhook } from './telling.ts';
import { DisplayName } from './text.ts';
import { TimeZone } from './timezone.ts';

const Contact = z.strictObject({
  name: DisplayName(63).describe('What he is called, e.g. anna.'),
  email: MailAddress.describe('Where he is written to.'),
  user: UserName.optional().describe('The Kubernetes user by which he is proven to be himself; default: the name.'),
  roles: stringSet(ContactRole, { min: 1, max: 3 }).describe(
    'What he decides and is told (GE-4): Approver agrees to changes and windows, Technical answers questions and hears of incidents, Billing gets reports and bills.',
  ),
});
export type Contact = z.infer<typeof Contact>;

const Contacts = withRules(namedList(Contact, { min: 1, max: 64 }), {
  rule: 'self.all(a, self.exists_one(b, (has(a.user) ? a.user : a.name) == (has(b.user) ? b.user : b.name)))',
  message: 'two contacts are proven by the same Kubernetes user',
  holds: contacts => new Set(contacts.map(provenBy)).size === contacts.length,
});

/** The Kubernetes user by which a contact is proven to be himself. */
export function provenBy({ user, name }: Pick<Contact, 'user' | 'name'>): string {
  return user ?? name;
}

const Bridge = z.strictObject({
  user: UserName.describe('The Kubernetes user by which it writes, e.g. that of a ServiceAccount.'),
  name: DisplayName(63).describe('What it is called, e.g. Argo CD.'),
});

const PlanFromDay = z.strictObject({
  level: ServiceLevel,
  plan: ObjectName.describe('Name of a ServicePlan of this level.'),
  from: Day.describe("First day on which it applies, in the contract's zone."),
});
export type PlanFromDay = z.infer<typeof PlanFromDay>;

const PlansFromDays = withRules(z.array(PlanFromDay).min(1).max(64).meta({ 'x-kubernetes-list-type': 'atomic' }), {
  rule: 'self.all(a, self.exists_one(b, a.level == b.level && a.from == b.from))',
  message: 'two plans of one level begin on the same day',
  holds: plans => new Set(plans.map(({ level, from }) => `${level} ${from}`)).size === plans.length,
});

export const ContractSpec = withRules(
  z.strictObject({
    customer: DisplayName(100).describe('What the customer is called, as reports and bills have it.'),
    namespaces: stringSet(Label, { min: 1, max: 256 }).describe(
      'Namespaces of the customer; each belongs to exactly one Contract.',
    ),
    language: z.enum(['de', 'en']).prefault('de').describe('Language of what the customer is sent.'),
    timeZone: TimeZone.prefault('Europe/Berlin').describe('IANA zone in which days begin and end.'),
    billingId: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[0-9A-Za-z]([0-9A-Za-z ._/-]*[0-9A-Za-z])?$/)
      .describe("Number of the customer in the provider's accounts, e.g. 10042."),
    contacts: Contacts.describe("The customer's persons (GE-4)."),
    bridges: keyedList(Bridge, 'user', { max: 16 })
      .optional()
      .describe(
        'Programs such as Argo CD or a ticket bridge that may state in whose name they write; it is told as stated, never as proven.',
      ),
    webhooks: namedList(Webhook, { max: 8 })
      .optional()
      .describe(
        "Where systems of the customer's are told what he is told, where the provider has switched that on (GE-4).",
      ),
    products: stringSet(ObjectName, { max: 64 })
      .optional()
      .describe(
        'Products that are supported for this customer although the catalogue offers them by agreement only (AP-8).',
      ),
    plans: PlansFromDays.describe(
      'Which ServicePlan applies at a level from a day on, until the next of that level. What has begun stays as it is.',
    ),
  }),
  {
    rule: '!has(self.bridges) || !self.bridges.exists(bridge, self.contacts.exists(contact, (has(contact.user) ? contact.user : contact.name) == bridge.user))',
    message: 'a bridge is no contact: it speaks for others',
    fieldPath: '.bridges',
    holds: ({ bridges = [], contacts }) => !bridges.some(({ user }) => contacts.some(each => provenBy(each) === user)),
  },
).describe('What was agreed with a customer.');
export type ContractSpec = z.infer<typeof ContractSpec>;

export const ContractStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    plans: z
      .array(
        z.strictObject({
          level: ServiceLevel,
          plan: z.string().max(253).describe('Name of the ServicePlan.'),
          from: Day.describe('First day on which it applied.'),
          revision: PlanRevision,
        }),
      )
      .max(64)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('Those of spec.plans that have begun, each with what its plan said then. They do not change any more.'),
    conditions: Conditions.optional(),
  })
  .describe('What holds; written by the operator.');
export type ContractStatus = z.infer<typeof ContractStatus>;
/** A plan that has begun to apply, and what it said then. */
export type BegunPlan = NonNullable<ContractStatus['plans']>[number];

export type Contract = Resource<ContractSpec, ContractStatus>;

/** Nobody rewrites what was agreed for days that have passed. Admission has no clock: the operator says in the status what has begun. */
const begunStays: readonly ValidationRule[] = [
  {
    rule: '!has(oldSelf.status) || !has(oldSelf.status.plans) || self.spec.plans == oldSelf.spec.plans || oldSelf.status.plans.all(begun, self.spec.plans.exists(each, each.level == begun.level && each.from == begun.from && each.plan == begun.plan))',
    message:
      'a plan that has begun to apply (status.plans) can neither change nor go: let another one follow from a later day on',
    fieldPath: '.spec.plans',
    reason: 'FieldValueForbidden',
  },
  {
    rule: '!has(oldSelf.status) || !has(oldSelf.status.plans) || self.spec.plans == oldSelf.spec.plans || self.spec.plans.all(each, oldSelf.status.plans.all(begun, each.level != begun.level || each.from >= begun.from || oldSelf.spec.plans.exists(old, old.level == each.level && old.from == each.from)))',
    message: 'a plan cannot begin before one of the same level that has begun (status.plans): these days have passed',
    fieldPath: '.spec.plans',
    reason: 'FieldValueForbidden',
  },
];

export const contract: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'Contract',
  plural: 'contracts',
  singular: 'contract',
  shortNames: ['ctr'],
  namespaced: false,
  readBy: 'provider',
  description: 'A customer: namespaces, contacts, and which ServicePlan applies from which day on.',
  spec: ContractSpec,
  status: ContractStatus,
  validations: [nameFitsLabel],
  changeRules: begunStays,
  selectableFields: ['.spec.billingId'],
  printerColumns: [
    { name: 'Customer', type: 'string', jsonPath: '.spec.customer', description: 'What the customer is called.' },
    { name: 'Billing', type: 'string', jsonPath: '.spec.billingId', description: "Number in the provider's accounts." },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether all that it names is there and its own.',
    },
    { name: 'Namespaces', type: 'string', jsonPath: '.spec.namespaces', description: 'Its namespaces.', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
