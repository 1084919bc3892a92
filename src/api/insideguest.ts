/** What a ManagedVM's status tells of the inside of its guest, from its GuestState. */
import { z } from 'zod';
import { Instant } from './common.ts';

const AtomicList = { 'x-kubernetes-list-type': 'atomic' } as const;

export const GuestAccess = z
  .strictObject({
    readAt: Instant.optional().describe("When it was first found so, by the guest worker's clock."),
    logins: z
      .array(
        z.strictObject({
          name: z.string().max(64).describe('Login name.'),
          ordered: z.boolean().describe("Whether it is in spec.access, or the provider's."),
          administrator: z.boolean().describe('Whether it may become root.'),
          keys: z
            .array(z.string().max(64))
            .max(32)
            .meta(AtomicList)
            .describe('Fingerprints of the keys that open it, SHA256:….'),
        }),
      )
      .max(64)
      .meta(AtomicList)
      .describe('Accounts that can log in.'),
    foreign: z
      .array(
        z.strictObject({
          kind: z.enum(['Account', 'Key', 'SudoRule', 'Administrator']).describe('What it is.'),
          name: z.string().max(128).describe('Login name, user and fingerprint, or file.'),
          detail: z.string().max(256).describe('What it opens, and whose it is.'),
          changed: Instant.optional().describe('When the guest says that it was last changed.'),
          since: Instant.optional().describe('When it was first seen.'),
        }),
      )
      .max(32)
      .meta(AtomicList)
      .optional()
      .describe('Accounts, keys and sudo rules that nobody ordered (MO-16).'),
  })
  .describe(
    'Who can log in to the guest, with which keys and rights, as the guest worker has read it there. What a guest says proves nothing.',
  );

export const Drift = z
  .strictObject({
    count: z.int().min(0).describe('How often a setting was put back.'),
    last: z
      .strictObject({
        setting: z.string().max(80).describe('Which one.'),
        before: z.string().max(256).describe('What was found.'),
        after: z.string().max(256).describe('What it was made.'),
        at: Instant.optional().describe('When.'),
      })
      .optional()
      .describe('The last one.'),
  })
  .describe('Settings that were found changed in the guest and were put back.');

export const GuestWork = z
  .strictObject({
    purpose: z.string().max(40).describe('What for, e.g. Configuration.'),
    holder: z.string().max(128).describe('Who.'),
    generation: z.int().min(1).describe('Grows with each holder.'),
    since: Instant.optional().describe('Since when.'),
  })
  .describe('Who works in the guest now, alone; absent: nobody.');

const RootAttested = z
  .strictObject({
    by: z.string().max(600).describe('Who of the provider has agreed, as they were proven.'),
    at: Instant.describe('When the last of them has.'),
    rootDisk: z.string().max(64).describe('UID of the root disk that it is for; of another one it says nothing.'),
    change: z
      .strictObject({ name: z.string().max(253).describe('Its name.'), uid: z.string().max(64).describe('Its UID.') })
      .describe('ChangeRequest by which it was agreed to.'),
  })
  .describe('That nothing which the customer has left as a former root lets anybody in (AP-9).');
export type RootAttested = z.infer<typeof RootAttested>;

export const SoleRoot = z
  .strictObject({
    since: Instant.describe('Since when the customer has no access any more.'),
    applications: z
      .array(z.string().max(253))
      .min(1)
      .max(16)
      .meta(AtomicList)
      .describe('Managed applications that run on it, for which that is so.'),
    aloneSince: Instant.optional().describe(
      'Of a guest in which the customer was root before: since when no look has found him in it, or able to come by it.',
    ),
    attested: RootAttested.optional(),
  })
  .describe('The provider alone holds root in the guest (AP-9); absent: provider and customer share it (MO-8).');
export type SoleRoot = z.infer<typeof SoleRoot>;
