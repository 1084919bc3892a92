import { z } from 'zod';
import { ApplicationLevel } from './applicationlevel.ts';
import { Conditions, GROUP, Label, nameFitsLabel, ObjectName, ObservedGeneration, VERSION } from './common.ts';
import { Day } from './day.ts';
import { Designated } from './designated.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { LineName } from './linename.ts';
import { UpgradePaths } from './lineupgrade.ts';
import { ProductBackup } from './productbackup.ts';
import { ProductLicence } from './productlicence.ts';
import { ProductMonitoring } from './productmonitoring.ts';
import { ProductPerformance } from './productperformance.ts';
import { ProductProbes } from './productprobes.ts';
import { ProductRemediation } from './productremediation.ts';
import { ProductSteps } from './productsteps.ts';
import { ProductTests } from './producttested.ts';
import { namedList, stringSet, withRules } from './rules.ts';

/** Printable text for people. */
const Text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[ -~]+$/);

const OnSystem = z.strictObject({
  name: ObjectName.describe('OperatingSystem of the catalogue.'),
  endOfSupport: Day.optional().describe('Last day on which the distribution keeps its package of this line secure.'),
  designated: Designated.optional(),
});

const Line = withRules(
  z.strictObject({
    name: LineName.describe('E.g. 17. Never an exact version.'),
    released: Day.optional().describe('Day on which the line was released.'),
    endOfSupport: Day.describe('Last day of the vendor’s support.'),
    source: z
      .string()
      .max(512)
      .regex(/^https?:\/\/[!-~]+$/)
      .optional()
      .describe('Address of the vendor’s statement.'),
    checkedOn: Day.optional().describe(
      'Day on which the dates were last held against what vendor and distribution say.',
    ),
    blocked: Text(256).optional().describe('Why nobody may order it any more, or yet. Who has it keeps it.'),
    operatingSystems: namedList(OnSystem, { min: 1, max: 16 }).describe('Systems on which it is offered.'),
  }),
  {
    rule: '!has(self.released) || self.released < self.endOfSupport',
    message: 'endOfSupport comes after released',
    fieldPath: '.endOfSupport',
    holds: ({ released, endOfSupport }) => released === undefined || released < endOfSupport,
  },
);

export type ProductLine = z.infer<typeof Line>;

const SAFE_PATTERN_LENGTH = 128;

const Parameter = withRules(
  z.strictObject({
    name: z
      .string()
      .max(63)
      .regex(/^[a-z][a-z0-9_]*$/)
      .describe('As the product calls it.'),
    type: z.enum(['Integer', 'Text', 'Switch', 'Bytes']).describe('Switch: on or off. Bytes: a quantity, e.g. 1Gi.'),
    default: z.string().max(256).describe('What it is where the customer says nothing; as text.'),
    minimum: z.int().optional().describe('Least value of an Integer, or of Bytes.'),
    maximum: z.int().optional().describe('Greatest value of an Integer, or of Bytes.'),
    oneOf: stringSet(z.string().min(1).max(64), { min: 1, max: 32 }).optional().describe('The only values of a Text.'),
    pattern: z
      .string()
      .max(SAFE_PATTERN_LENGTH)
      .optional()
      .describe(
        'Pattern that a Text matches from its beginning to its end: characters, classes, groups, alternatives and counts; no dot, no negation, nothing repeated twice.',
      ),
    who: z.enum(['Customer', 'Provider']).prefault('Customer').describe('Who may set it.'),
    apply: z
      .enum(['Reload', 'Restart', 'FirstInstall'])
      .describe('What a change needs. A restart waits for the window; FirstInstall is never changed again.'),
    description: Text(256).optional().describe('For those who order.'),
  }),
  {
    rule: "self.type == 'Text' || !(has(self.oneOf) || has(self.pattern))",
    message: 'oneOf and pattern are for a Text',
    holds: ({ type, oneOf, pattern }) => type === 'Text' || (oneOf === undefined && pattern === undefined),
  },
  {
    rule: "self.type in ['Integer', 'Bytes'] || !(has(self.minimum) || has(self.maximum))",
    message: 'minimum and maximum are for an Integer and for Bytes',
    holds: ({ type, minimum, maximum }) =>
      type === 'Integer' || type === 'Bytes' || (minimum === undefined && maximum === undefined),
  },
  {
    rule: "self.type != 'Text' || has(self.oneOf) || has(self.pattern)",
    message: 'a Text says by oneOf or pattern what it may be',
    holds: ({ type, oneOf, pattern }) => type !== 'Text' || oneOf !== undefined || pattern !== undefined,
  },
);
export type ProductParameter = z.infer<typeof Parameter>;

const Module = z.strictObject({
  name: z
    .string()
    .max(63)
    .regex(/^[a-z][a-z0-9_-]*$/)
    .describe('As the product calls it.'),
  preload: z
    .boolean()
    .prefault(false)
    .describe('Whether the engine must load it at its start, so that it waits for the window.'),
  supported: z
    .enum(['Included', 'OnRequest'])
    .prefault('Included')
    .describe('OnRequest: only where it was agreed (GE-10).'),
});
export type ProductModule = z.infer<typeof Module>;

const Interface = z.strictObject({
  port: z.int().min(1).max(65535).describe('Port in the guest, and of the Service.'),
  type: Label.describe('Type of the binding, e.g. postgresql.'),
  database: z
    .string()
    .max(63)
    .regex(/^[a-z_][a-z0-9_]*$/)
    .optional()
    .describe('Database of the binding.'),
  username: z
    .string()
    .max(63)
    .regex(/^[a-z_][a-z0-9_]*$/)
    .optional()
    .describe('Login of the binding. Its password is made once, and known to the product as a verifier.'),
  uri: z
    .string()
    .max(16)
    .regex(/^[a-z][a-z0-9+.-]*$/)
    .optional()
    .describe('Scheme of the address, e.g. postgresql.'),
});

export const ProductSpec = z
  .strictObject({
    displayName: Text(64).describe('Name for people.'),
    vendor: Text(64).describe('Who makes it.'),
    licence: ProductLicence.optional(),
    agreement: z
      .enum(['Catalogue', 'ByAgreement'])
      .prefault('Catalogue')
      .describe('ByAgreement: only for customers whose Contract names it in spec.products (AP-8).'),
    levels: stringSet(ApplicationLevel, { min: 1, max: 3 }).describe('Levels at which it is offered.'),
    supportedBy: z
      .enum(['Vendor', 'Distribution'])
      .describe(
        'Whose dates decide how long a line is supported (AP-14, GE-9). The end of the system ends it in any case.',
      ),
    lines: namedList(Line, { min: 1, max: 16 }).describe('Version lines.'),
    upgradePaths: UpgradePaths.optional(),
    conflicts: stringSet(ObjectName, { max: 16 }).optional().describe('Products that may not run on the same VM.'),
    parameters: namedList(Parameter, { max: 64 }).optional().describe('What may be set. Anything else may not.'),
    modules: namedList(Module, { max: 64 })
      .optional()
      .describe('Extensions that are supported. Any other is customisation (GE-10).'),
    steps: ProductSteps,
    probes: ProductProbes,
    backup: ProductBackup.optional(),
    monitoring: ProductMonitoring.optional(),
    remediation: ProductRemediation.optional(),
    notIncluded: stringSet(Text(256), { max: 16 })
      .optional()
      .describe('What a customer might expect and does not get; a sentence each.'),
    tested: ProductTests.optional(),
    performance: ProductPerformance.optional(),
    interface: Interface.optional().describe('What is reached from outside: a Service and a binding Secret.'),
  })
  .describe('What the catalogue offers.');
export type ProductSpec = z.infer<typeof ProductSpec>;

export const ProductStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    applications: z.int().min(0).optional().describe('ManagedApplications of it.'),
    conditions: Conditions.optional(),
  })
  .describe('What holds; written by the operator.');
export type ProductStatus = z.infer<typeof ProductStatus>;

export type Product = Resource<ProductSpec, ProductStatus>;

export const product: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'Product',
  plural: 'products',
  singular: 'product',
  shortNames: ['mprod'],
  namespaced: false,
  description:
    'A catalogue entry: an application that the provider installs and runs in ManagedVMs, how it does so, and until when it is supported.',
  spec: ProductSpec,
  status: ProductStatus,
  validations: [nameFitsLabel],
  selectableFields: ['.spec.vendor', '.spec.agreement'],
  printerColumns: [
    { name: 'Product', type: 'string', jsonPath: '.spec.displayName', description: 'Name for people.' },
    { name: 'Lines', type: 'string', jsonPath: '.spec.lines[*].name', description: 'Version lines.' },
    { name: 'Levels', type: 'string', jsonPath: '.spec.levels', description: 'Levels at which it is offered.' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether it can be ordered.',
    },
    { name: 'Orders', type: 'integer', jsonPath: '.status.applications', description: 'ManagedApplications of it.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
