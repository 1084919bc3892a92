import { z } from 'zod';
import { GROUP, Label, ObjectName, VERSION } from './common.ts';
import { AdvisoryName, ATOMIC, PackageWord, UpdateSeverity } from './guestupdates.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { WrittenMoment } from './moment.ts';
import { withTransitionRules } from './rules.ts';

/** Versions of packages that one PatchBaseline holds: with all of them as long as usual, 0.6 MB of the 1.5 that etcd takes. */
export const BASELINE_VERSIONS = 2000;
/** Rings that a policy has at most. */
const RINGS = 8;

const BaselineVersion = z.strictObject({
  package: PackageWord(128).describe('Name of the package.'),
  version: PackageWord(128).describe('One version of it.'),
  origin: PackageWord(128).optional().describe('Where it comes from.'),
  security: z
    .boolean()
    .optional()
    .describe('Whether it mends a hole; absent: its source does not tell updates for security from others.'),
  severity: UpdateSeverity.describe('How grave the vendor calls it.'),
  advisory: AdvisoryName.optional().describe('The oldest advisory about it.'),
  comesAlong: z
    .literal(true)
    .optional()
    .describe(
      'Where the guest that told of it did not have the package at all: another brings it, as a new kernel comes.',
    ),
  firstSeen: WrittenMoment.describe('When it was first seen in a guest of the first ring; never reset.'),
  proven: z
    .array(
      z.strictObject({
        ring: Label.max(20).describe('Name of the ring.'),
        at: WrittenMoment.describe('When its soak was over.'),
      }),
    )
    .max(RINGS)
    .meta(ATOMIC)
    .optional()
    .describe('Rings that have installed it and run with it for their soak; absent: none.'),
});
export type BaselineVersion = z.infer<typeof BaselineVersion>;

export const BaselineContent = z.strictObject({
  revision: z
    .int()
    .min(1)
    .describe('Grows with every change of what is proven: PatchRuns name the one that they installed by.'),
  changedAt: WrittenMoment.describe('When it grew last.'),
  seen: z.int().min(0).describe('Packages of which a version is known.'),
  proven: z.int().min(0).describe('Packages of which a ring has proven a version.'),
  versions: z
    .array(BaselineVersion)
    .max(BASELINE_VERSIONS)
    .meta(ATOMIC)
    .describe(
      'Of each package the newest version that was seen, and the newest that each ring has proven; in the order in which they were first seen.',
    ),
  left: z.int().min(1).optional().describe('How many more versions there are than it holds.'),
});
export type BaselineContent = z.infer<typeof BaselineContent>;

const immutable = {
  rule: 'self == oldSelf',
  message: 'a baseline is of one policy and one system: of others it is another PatchBaseline',
  reason: 'FieldValueForbidden',
} as const;

export const PatchBaselineSpec = z
  .strictObject({
    policy: withTransitionRules(
      z.strictObject({
        name: ObjectName.describe('Its name.'),
        uid: z
          .string()
          .min(1)
          .max(64)
          .regex(/^[0-9A-Za-z-]+$/)
          .describe('Exactly this incarnation of it.'),
      }),
      immutable,
    ).describe('ClusterPatchPolicy whose rings prove it (MO-11).'),
    operatingSystem: withTransitionRules(ObjectName, immutable).describe(
      'OperatingSystem of the guests that it is for.',
    ),
    content: BaselineContent.describe('What was seen, and what of it is proven.'),
  })
  .describe('The content, written by Steward alone.');
export type PatchBaselineSpec = z.infer<typeof PatchBaselineSpec>;

export const PatchBaselineStatus = z.strictObject({}).describe('Nothing: all that it says is its content.');
export type PatchBaselineStatus = z.infer<typeof PatchBaselineStatus>;

export type PatchBaseline = Resource<PatchBaselineSpec, PatchBaselineStatus>;

/** Names of policies have no dot, so that the name tells both. */
export function baselineName(policy: string, operatingSystem: string): string {
  return `${policy}.${operatingSystem}`;
}

export const patchBaseline: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'PatchBaseline',
  plural: 'patchbaselines',
  singular: 'patchbaseline',
  shortNames: ['pbl'],
  namespaced: false,
  writtenBy: 'steward',
  description:
    'The versions of packages that the rings of a ClusterPatchPolicy have proven for one operating system: nothing else reaches the rings after them (MO-11).',
  spec: PatchBaselineSpec,
  status: PatchBaselineStatus,
  validations: [],
  selectableFields: ['.spec.policy.name', '.spec.operatingSystem'],
  printerColumns: [
    { name: 'Policy', type: 'string', jsonPath: '.spec.policy.name', description: 'ClusterPatchPolicy.' },
    { name: 'OS', type: 'string', jsonPath: '.spec.operatingSystem', description: 'Operating system.' },
    {
      name: 'Revision',
      type: 'integer',
      jsonPath: '.spec.content.revision',
      description: 'Revision of what is proven.',
    },
    {
      name: 'Seen',
      type: 'integer',
      jsonPath: '.spec.content.seen',
      description: 'Packages of which a version is known.',
    },
    {
      name: 'Proven',
      type: 'integer',
      jsonPath: '.spec.content.proven',
      description: 'Packages of which a ring has proven a version.',
    },
    { name: 'Changed', type: 'date', jsonPath: '.spec.content.changedAt', description: 'When it grew last.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
