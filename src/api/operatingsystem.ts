import { z } from 'zod';
import { ByteQuantity, Conditions, GROUP, Instant, Label, ObjectName, ServiceLevel, VERSION } from './common.ts';
import type { KindDefinition, Resource } from './kind.ts';

/** A calendar day, `YYYY-MM-DD`; it ends at midnight UTC. */
const Day = z
  .string()
  .max(10)
  .regex(/^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/)
  .meta({ format: 'date' });

export const OperatingSystemSpec = z.strictObject({
  family: z
    .enum(['Linux', 'Windows'])
    .describe('Decides first boot (cloud-init or unattend), exporter and which levels are possible (MO-7).'),
  distribution: z.string().min(1).max(40).describe('Name as the vendor writes it, e.g. Debian or Windows Server.'),
  version: z
    .string()
    .min(1)
    .max(20)
    .describe(
      'Major release as the vendor writes it, e.g. 13, 24.04, 2025. A new major release is a new object (GE-11).',
    ),
  packageManager: z.enum(['apt', 'dnf', 'zypper', 'WindowsUpdate']),
  image: z
    .strictObject({
      dataSource: z
        .strictObject({ namespace: Label, name: ObjectName })
        .optional()
        .describe('A CDI DataSource, kept fresh by a DataImportCron.'),
      registry: z
        .strictObject({
          url: z
            .string()
            .min(1)
            .max(512)
            .regex(/^(docker|oci-archive):\/\/.+$/),
        })
        .optional()
        .describe('A disk image in a container registry, imported by CDI.'),
      http: z
        .strictObject({
          url: z
            .string()
            .min(1)
            .max(2048)
            .regex(/^https?:\/\/.+$/),
          checksum: z
            .string()
            .max(140)
            .regex(/^(md5|sha1|sha256|sha512):[0-9a-f]+$/)
            .optional(),
        })
        .optional()
        .describe('A disk image at a URL, imported by CDI.'),
      containerDisk: z
        .strictObject({ image: z.string().min(1).max(512) })
        .optional()
        .describe(
          'An ephemeral root disk from a container image: what the guest writes is lost at power-off. For tests and stateless VMs.',
        ),
    })
    .describe('Where the root disk comes from. Exactly one source.'),
  preference: ObjectName.optional().describe(
    'VirtualMachineClusterPreference of KubeVirt: firmware, TPM, drivers and minimum size that suit the system.',
  ),
  defaults: z
    .strictObject({
      cpu: z.int().min(1).max(256).prefault(1),
      memory: ByteQuantity.prefault('2Gi'),
      rootDisk: ByteQuantity.prefault('20Gi'),
    })
    .prefault({})
    .describe('Size of a ManagedVM that does not name one.'),
  lifeCycle: z.strictObject({
    released: Day.optional(),
    endOfSupport: Day.describe("Last day of the vendor's support that the service relies on (GE-9, GE-12)."),
    endOfExtendedSupport: Day.optional().describe(
      'Last day of paid or community extended support; shown, not relied on.',
    ),
    source: z.string().max(512).optional().describe("Address of the vendor's statement."),
  }),
  serviceLevels: z
    .array(ServiceLevel)
    .min(1)
    .max(3)
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe('Levels at which this system may be ordered (MO-7).'),
});
export type OperatingSystemSpec = z.infer<typeof OperatingSystemSpec>;

export const OperatingSystemStatus = z.strictObject({
  observedGeneration: z.int().min(0).optional(),
  managedVMs: z.int().min(0).optional().describe('ManagedVMs that run this system.'),
  supportedUntil: Instant.optional().describe(
    'The instant at which the vendor support in spec.lifeCycle.endOfSupport ends.',
  ),
  conditions: Conditions.optional(),
});
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
  validations: [],
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
    { name: 'VMs', type: 'integer', jsonPath: '.status.managedVMs', description: 'ManagedVMs that run it.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
