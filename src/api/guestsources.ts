import { z } from 'zod';
import { keyedList } from './rules.ts';

/** Where package managers look: of apt, dnf and zypper. */
const SourceFile = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(200)
    .regex(
      /^\/etc\/(apt\/sources\.list|apt\/(sources\.list\.d|keyrings|preferences\.d)\/[A-Za-z0-9_-][A-Za-z0-9._-]*|yum\.repos\.d\/[A-Za-z0-9_-][A-Za-z0-9._-]*|zypp\/repos\.d\/[A-Za-z0-9_-][A-Za-z0-9._-]*|pki\/rpm-gpg\/[A-Za-z0-9_-][A-Za-z0-9._-]*)$/,
    )
    .describe('File in the guest, e.g. /etc/apt/sources.list.d/debian.sources.'),
  content: z
    .string()
    .max(8192)
    .describe('What is in it; empty: nothing is, so that an address of the distribution is not asked.'),
});

export const PackageSources = keyedList(SourceFile, 'path', { min: 1, max: 8 });
export type PackageSources = z.infer<typeof PackageSources>;

const Fetched = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2048)
    .regex(/^https?:\/\/[!-&(-~]+$/)
    .describe('Address in the mirror.'),
  sha256: z
    .string()
    .length(64)
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of the file: another one is refused in the guest.'),
});

export const SystemDownloads = z.strictObject({
  exporter: Fetched.optional().describe(
    'Exporter of metrics: a tar archive of node_exporter, which is fetched where no package has it, or the MSI package of windows_exporter.',
  ),
  guestAgent: Fetched.optional().describe('MSI package of the QEMU guest agent, for Windows.'),
});
export type SystemDownloads = z.infer<typeof SystemDownloads>;
