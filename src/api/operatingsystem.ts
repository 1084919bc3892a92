import { z } from 'zod';
import { DiskSize, MemorySize } from './bytequantity.ts';
import {
  Conditions,
  GROUP,
  Instant,
  Label,
  nameFitsLabel,
  ObjectName,
  ObservedGeneration,
  ServiceLevel,
  VERSION,
} from './common.ts';
import { Day } from './day.ts';
import { PackageSources, SystemDownloads } from './guestsources.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { stringSet, withRules, withTransitionRules } from './rules.ts';

/** A field that tells which system this is: other systems are other objects. */
function identity<Schema extends z.ZodType>(schema: Schema, field: string): Schema {
  return withTransitionRules(schema, {
    rule: 'self == oldSelf',
    message: `${field} is immutable: another system or major release is another OperatingSystem (GE-11)`,
    reason: 'FieldValueForbidden',
  });
}

/** Printable ASCII as vendors write names and versions. */
const vendorText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9 ._()+-]*[A-Za-z0-9)])?$/);

export const url = (schemes: RegExp, max: number) => z.string().min(1).max(max).regex(schemes);

const Image = withRules(
  z.strictObject({
    dataSource: z
      .strictObject({
        namespace: Label.describe('Namespace of the DataSource.'),
        name: ObjectName.describe('Name of the DataSource.'),
      })
      .optional()
      .describe('A CDI DataSource, kept fresh by a DataImportCron.'),
    registry: z
      .strictObject({
        url: url(/^(docker|oci-archive):\/\/[!-~]+$/, 512).describe(
          'Address, e.g. docker://quay.io/containerdisks/debian:13.',
        ),
      })
      .optional()
      .describe('A disk image in a container registry, imported by CDI.'),
    http: z
      .strictObject({
        url: url(/^https?:\/\/[!-~]+$/, 2048).describe('Address of the image (qcow2, raw, also compressed).'),
      })
      .optional()
      .describe('A disk image at a URL, imported by CDI.'),
    containerDisk: z
      .strictObject({
        image: z
          .string()
          .min(1)
          .max(512)
          .regex(/^[a-z0-9][A-Za-z0-9._:/@-]*$/)
          .describe('Container image, e.g. quay.io/containerdisks/alpine:3.22.'),
      })
      .optional()
      .describe(
        'An ephemeral root disk from a container image: what the guest writes is lost at power-off. For tests and stateless VMs.',
      ),
  }),
  {
    rule: '[has(self.dataSource), has(self.registry), has(self.http), has(self.containerDisk)].exists_one(source, source)',
    message: 'image names exactly one of dataSource, registry, http and containerDisk',
    holds: image => Object.values(image).filter(source => source !== undefined).length === 1,
  },
).describe('Where the root disk comes from. Exactly one source.');

const LifeCycle = withRules(
  z.strictObject({
    released: Day.optional().describe('Day of general availability.'),
    endOfSupport: Day.describe("Last day of the vendor's support that the service relies on (GE-9, GE-12)."),
    endOfExtendedSupport: Day.optional().describe(
      'Last day of paid or community extended support; shown, not relied on.',
    ),
    source: url(/^https?:\/\/[!-~]+$/, 512)
      .optional()
      .describe("Address of the vendor's statement."),
  }),
  {
    rule: '!has(self.released) || self.released < self.endOfSupport',
    message: 'endOfSupport comes after released',
    fieldPath: '.endOfSupport',
    holds: ({ released, endOfSupport }) => released === undefined || released < endOfSupport,
  },
  {
    rule: '!has(self.endOfExtendedSupport) || self.endOfSupport <= self.endOfExtendedSupport',
    message: 'endOfExtendedSupport does not come before endOfSupport',
    fieldPath: '.endOfExtendedSupport',
    holds: ({ endOfSupport, endOfExtendedSupport }) =>
      endOfExtendedSupport === undefined || endOfSupport <= endOfExtendedSupport,
  },
).describe('Days of the vendor’s life cycle; each lasts until midnight UTC.');

const OperatingSystemSettings = z.strictObject({
  family: identity(z.enum(['Linux', 'Windows']), 'family').describe(
    'Decides first boot (cloud-init or unattend), exporter and which levels are possible (MO-7). Immutable.',
  ),
  distribution: identity(vendorText(40), 'distribution').describe(
    'Name as the vendor writes it, e.g. Debian or Windows Server. Immutable.',
  ),
  version: identity(vendorText(20), 'version').describe(
    'Major release as the vendor writes it, e.g. 13, 24.04, 2025. Immutable: a new major release is a new object (GE-11).',
  ),
  packageManager: z
    .enum(['apt', 'dnf', 'zypper', 'WindowsUpdate'])
    .describe('By what the guest is patched (MO-3); WindowsUpdate for Windows and only there.'),
  architecture: identity(z.enum(['amd64', 'arm64']).optional(), 'architecture').describe(
    'For which processor the image is made; a system for two is two entries. Default: amd64. Immutable once it is said.',
  ),
  image: Image,
  packageSources: PackageSources.optional().describe(
    "Files by which guests reach package mirrors of the provider's: there before the first package is installed, and kept so. Linux.",
  ),
  downloads: SystemDownloads.optional().describe(
    'What guests fetch that no package has, from a mirror and by checksum; default: as the installation says.',
  ),
  preference: ObjectName.optional().describe(
    'VirtualMachineClusterPreference of KubeVirt: firmware, TPM, drivers and minimum size that suit the system.',
  ),
  defaults: z
    .strictObject({
      cpu: z.int().min(1).max(256).prefault(1).describe('Virtual CPUs.'),
      memory: MemorySize.prefault('2Gi').describe('Memory of the guest.'),
      rootDisk: DiskSize.prefault('20Gi').describe('Capacity of the root disk; at least the size of the image.'),
    })
    .prefault({})
    .describe('Size of a ManagedVM that does not name one.'),
  lifeCycle: LifeCycle,
  serviceLevels: stringSet(ServiceLevel, { min: 1, max: 3 }).describe(
    'Levels at which this system may be ordered (MO-7).',
  ),
});

export const OperatingSystemSpec = withRules(
  OperatingSystemSettings,
  {
    rule: "self.family != 'Windows' || !self.serviceLevels.exists(level, level == 'MonitoringAndPatching')",
    message:
      'serviceLevels of Windows are AdvancedMonitoringAndPatching and Admin; MonitoringAndPatching is for Linux (MO-7)',
    fieldPath: '.serviceLevels',
    holds: ({ family, serviceLevels }) => family !== 'Windows' || !serviceLevels.includes('MonitoringAndPatching'),
  },
  {
    rule: "(self.family == 'Windows') == (self.packageManager == 'WindowsUpdate')",
    message: 'packageManager is WindowsUpdate for Windows, and apt, dnf or zypper for Linux',
    fieldPath: '.packageManager',
    holds: ({ family, packageManager }) => (family === 'Windows') === (packageManager === 'WindowsUpdate'),
  },
).describe('What the catalogue offers.');
export type OperatingSystemSpec = z.infer<typeof OperatingSystemSpec>;
export type LinuxPackageManager = Exclude<OperatingSystemSpec['packageManager'], 'WindowsUpdate'>;

export const OperatingSystemStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    managedVMs: z.int().min(0).optional().describe('ManagedVMs that run this system.'),
    supportedUntil: Instant.optional().describe(
      'The instant at which the vendor support in spec.lifeCycle.endOfSupport ends.',
    ),
    conditions: Conditions.optional(),
  })
  .describe('What holds; written by the operator.');
export type OperatingSystemStatus = z.infer<typeof OperatingSystemStatus>;

export type OperatingSystem = Resource<OperatingSystemSpec, OperatingSystemStatus>;

export const operatingSystem: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'OperatingSystem',
  plural: 'operatingsystems',
  singular: 'operatingsystem',
  shortNames: ['mos'],
  namespaced: false,
  description:
    'A catalogue entry: an operating system the provider supports, where its image comes from and until when its vendor supports it.',
  spec: OperatingSystemSpec,
  status: OperatingSystemStatus,
  validations: [nameFitsLabel],
  selectableFields: ['.spec.family', '.spec.distribution', '.spec.version'],
  printerColumns: [
    { name: 'Distribution', type: 'string', jsonPath: '.spec.distribution', description: 'Distribution.' },
    { name: 'Version', type: 'string', jsonPath: '.spec.version', description: 'Major release.' },
    {
      name: 'Supported',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Supported")].status',
      description: 'Whether the vendor still supports it.',
    },
    {
      name: 'End of support',
      type: 'string',
      jsonPath: '.spec.lifeCycle.endOfSupport',
      description: 'Last day of vendor support.',
    },
    {
      name: 'Extended until',
      type: 'string',
      jsonPath: '.spec.lifeCycle.endOfExtendedSupport',
      description: 'Last day of extended support.',
      priority: 1,
    },
    { name: 'VMs', type: 'integer', jsonPath: '.status.managedVMs', description: 'ManagedVMs that run it.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
