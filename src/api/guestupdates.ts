/** What a GuestState's status tells of the updates that a guest could have, and a PatchBaseline of those that rings have proven. */
import { z } from 'zod';
import { WrittenMoment } from './moment.ts';

/** Updates of one guest that are listed; of the others is only known how many there are. */
export const LISTED_UPDATES = 200;
/** Versions of one package that are remembered because they were offered and never installed. */
export const REMEMBERED_VERSIONS = 8;

export const ATOMIC = { 'x-kubernetes-list-type': 'atomic' } as const;

/** Names, versions and origins as package managers write them: one word, nothing that a shell, a page or a terminal would obey. */
export const PackageWord = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9][A-Za-z0-9+._:~^@/-]*$/);

export const UpdateSeverity = z.enum(['Critical', 'Important', 'Moderate', 'Low', 'Unknown']);

export const AdvisoryName = PackageWord(64);

const OfferedVersion = z.strictObject({
  version: PackageWord(128).describe('The version.'),
  firstSeen: WrittenMoment.describe(
    "When it was first found to be offered, by the worker's clock. No newer version resets it.",
  ),
  security: z
    .boolean()
    .optional()
    .describe('Whether it mends a hole; absent: its source does not tell updates for security from others.'),
  severity: UpdateSeverity.describe('How grave the vendor calls it; Unknown: he says nothing.'),
  advisory: z
    .strictObject({
      id: AdvisoryName.describe('Its name, e.g. DSA-6012-1.'),
      issued: WrittenMoment.optional().describe('When the vendor issued it.'),
    })
    .optional()
    .describe('The oldest advisory about it.'),
});
export type OfferedVersion = z.infer<typeof OfferedVersion>;

const MissingUpdate = z.strictObject({
  package: PackageWord(128).describe('Name of the package, the patch or the KB.'),
  architecture: PackageWord(32).describe('Its architecture, e.g. amd64 or all.'),
  from: PackageWord(128).optional().describe('Version that is installed; absent: it would come along as new.'),
  origin: PackageWord(128).optional().describe('Where the newest version comes from.'),
  hindrance: z
    .enum(['Held', 'Phased', 'NeedsLicence', 'Removes', 'Interactive', 'RestartFirst'])
    .optional()
    .describe('Why the package manager would not install it by itself.'),
  versions: z
    .array(OfferedVersion)
    .min(1)
    .max(REMEMBERED_VERSIONS)
    .meta(ATOMIC)
    .describe('Versions that were offered since and are not installed, the oldest first; the last is the one to have.'),
});
export type MissingUpdate = z.infer<typeof MissingUpdate>;

const Count = z.int().min(0);

export const GuestUpdates = z
  .strictObject({
    at: WrittenMoment.describe("When the package manager was asked, by the worker's clock."),
    system: z
      .strictObject({
        id: PackageWord(40).describe('ID of os-release, e.g. debian.'),
        version: PackageWord(40).optional().describe('Its VERSION_ID, e.g. 13.'),
        codename: PackageWord(40).optional().describe('Its VERSION_CODENAME, e.g. trixie.'),
      })
      .describe('The system as it calls itself.'),
    complete: z
      .boolean()
      .describe('Whether all sources were read: else what is not listed may be missing all the same.'),
    rebootPending: z
      .boolean()
      .optional()
      .describe('Whether something that is installed takes effect only at the next boot; absent: not known.'),
    count: z
      .strictObject({
        Critical: Count.describe('Of severity Critical.'),
        Important: Count.describe('Important.'),
        Moderate: Count.describe('Moderate.'),
        Low: Count.describe('Low.'),
        Unknown: Count.describe('Of which the vendor says nothing.'),
      })
      .describe('Updates that are missing, by severity, those that are not listed too.'),
    missing: z
      .array(MissingUpdate)
      .max(LISTED_UPDATES)
      .meta(ATOMIC)
      .describe('Updates that are missing, the gravest first.'),
    notListed: Count.optional().describe('How many more are missing than are listed.'),
  })
  .describe(
    'Updates that the guest could have, as its package manager says (MO-10). What a guest says proves nothing.',
  );
export type GuestUpdates = z.infer<typeof GuestUpdates>;
