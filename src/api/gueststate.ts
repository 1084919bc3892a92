import { z } from 'zod';
import { ApplicationBackup } from './applicationbackup.ts';
import { ApplicationUpdate } from './applicationupdate.ts';
import { GROUP, Instant, VERSION } from './common.ts';
import { GuestLineChange } from './guestlinechange.ts';
import { GuestModules } from './guestmodules.ts';
import { GuestPutBack } from './guestputback.ts';
import { GuestRestore } from './guestrestore.ts';
import { GuestUpdates } from './guestupdates.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { LogLines } from './loglines.ts';
import { DoneRemedy } from './remedy.ts';
import { withTransitionRules } from './rules.ts';

const Uid = z.string().min(1).max(64);
const StepId = z
  .string()
  .max(63)
  .regex(/^[a-z0-9][a-z0-9-]*$/);

export const GuestStateSpec = z
  .strictObject({
    managedVM: withTransitionRules(Uid, {
      rule: 'self == oldSelf',
      message: 'managedVM is immutable: the record of another VM is another GuestState',
      reason: 'FieldValueForbidden',
    }).describe(
      'UID of the ManagedVM of the same name: the record of a former one, or a copied one, says nothing of it.',
    ),
  })
  .describe('Whose record it is.');
export type GuestStateSpec = z.infer<typeof GuestStateSpec>;

const Contact = z.strictObject({
  outcome: z.string().min(1).max(40).describe('Reached, or why not, e.g. HostKeyMismatch, NoAnswer, LoginRefused.'),
  detail: z.string().max(256).optional().describe('More about it, in bounded words.'),
  address: z.string().max(64).optional().describe('Where the guest was looked for.'),
  way: z
    .enum(['PortForward'])
    .optional()
    .describe("By which way, where the address was not dialled by the worker itself: KubeVirt's portforward."),
  since: Instant.describe('Since when it is so.'),
});

const Difference = z.strictObject({
  setting: z.string().min(1).max(80).describe('What is set, e.g. account:kim or exporter.'),
  found: z.string().max(256).describe('What was found instead, in bounded words.'),
  since: Instant.describe('Since when it was found so.'),
});

const Login = z.strictObject({
  name: z.string().min(1).max(64).describe('Login name.'),
  ordered: z.boolean().describe('Whether it is in spec.access, or the provider.'),
  login: z.boolean().describe('Whether it can log in: it has a key or a password, a shell, and is not locked.'),
  administrator: z.boolean().describe('Whether it may become root.'),
  keys: z
    .array(z.string().max(64))
    .max(32)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Fingerprints of the keys that open it, SHA256:….'),
});

const Foreign = z.strictObject({
  kind: z
    .enum(['Account', 'Key', 'SudoRule', 'Administrator'])
    .describe(
      'What it is; Administrator: a member of the group Administrators of Windows that is no account of the guest.',
    ),
  name: z.string().min(1).max(128).describe('Login name, user and fingerprint, or file.'),
  detail: z.string().max(256).describe('What it opens and who owns it, in bounded words.'),
  changed: Instant.optional().describe('When the guest says that it was last changed.'),
  since: Instant.describe('When it was first seen.'),
});

const Lease = z.strictObject({
  holder: z.string().min(1).max(128).describe('Who holds it.'),
  purpose: z.string().min(1).max(40).describe('What for, e.g. Configuration.'),
  generation: z.int().min(1).describe('Grows with each holder: the guest refuses what one of before still sends.'),
  since: Instant.describe('Since when.'),
  until: Instant.describe('When others may take it, unless it is renewed.'),
});

const Fence = z.strictObject({
  generation: z.int().min(1).describe("The lease's generation under which the step was decided."),
  bootId: z.string().max(36).describe('The boot of the guest in which it was decided.'),
});

const StepRecord = z.strictObject({
  id: StepId.describe('Its id; it never begins twice.'),
  phase: z.enum(['Claimed', 'Ended']).describe('Claimed: it may have begun.'),
  fence: Fence.describe('Under which it was claimed.'),
  verdict: z.enum(['Finished', 'CutOff', 'Unknown', 'Withdrawn']).optional().describe('How it ended.'),
  exitCode: z.int().min(0).max(255).optional().describe('Its exit status, where it finished.'),
  at: Instant.describe('When this was written.'),
});

const list = <Item extends z.ZodType>(item: Item, max: number) =>
  z.array(item).max(max).meta({ 'x-kubernetes-list-type': 'atomic' });

export const GuestStateStatus = z
  .strictObject({
    worker: z.string().max(253).optional().describe('Lease of the shard whose worker says all this.'),
    contact: Contact.optional().describe('Whether the guest is reached.'),
    providerKey: z
      .strictObject({
        opened: z.string().max(64).describe("Fingerprint of the provider's key that opened the guest."),
        ordered: z
          .array(z.string().max(64))
          .max(8)
          .meta({ 'x-kubernetes-list-type': 'atomic' })
          .describe("Fingerprints of the provider's keys that it was to have when it was looked at."),
      })
      .optional()
      .describe("By which of the provider's keys the guest was looked into."),
    instance: Uid.optional().describe('UID of the VirtualMachineInstance that was looked into.'),
    bootId: z.string().max(36).optional().describe('The boot that was looked into.'),
    compared: z.int().min(0).optional().describe('Generation of the ManagedVM that the guest was compared with.'),
    soleRoot: z
      .boolean()
      .optional()
      .describe('Whether it was compared as a guest in which the provider alone holds root (AP-9).'),
    lookedAt: Instant.optional().describe('When what stands here was found; looks that find the same are not written.'),
    differences: list(Difference, 64).optional().describe('What is not as ordered.'),
    access: list(Login, 64).optional().describe('Who can log in, as read from the guest.'),
    foreign: list(Foreign, 32)
      .optional()
      .describe('Accounts, keys, sudo rules and members of Administrators that nobody ordered (MO-16).'),
    applications: list(
      z.strictObject({
        name: z.string().max(63).describe('Name of the ManagedApplication.'),
        revision: z.string().max(71).describe('Hash of the plan that it was compared with.'),
        ran: z
          .literal(true)
          .optional()
          .describe(
            'Its units were seen to run by this plan: that one does not run now is trouble, and not settings that are to be put right (AP-3, AP-4).',
          ),
        version: z.string().max(128).optional().describe('Exact version, as the guest says.'),
        failing: list(z.string().max(32), 8)
          .optional()
          .describe('Probes that did not succeed when they were read last; absent: nobody has asked.'),
        backup: ApplicationBackup.optional().describe('Its dumps and their proofs; absent: none is recorded.'),
        modules: GuestModules.optional(),
        putBack: list(GuestPutBack, 16)
          .optional()
          .describe('Its steps that were put back in the last days; absent: none.'),
        update: ApplicationUpdate.optional().describe('The last update inside its line, as the guest says.'),
        line: GuestLineChange.optional(),
        restore: GuestRestore.optional(),
      }),
      16,
    )
      .optional()
      .describe(
        'Plans of managed applications that the guest was compared with; what is not so stands in differences.',
      ),
    accounts: list(z.string().max(32), 64)
      .optional()
      .describe('Accounts that Steward has set up: those that are not ordered any more lose their rights.'),
    drift: z
      .strictObject({
        healed: z.int().min(0).describe('How often a setting was put back.'),
        last: z
          .strictObject({
            setting: z.string().max(80).describe('Which one.'),
            before: z.string().max(256).describe('What was found.'),
            after: z.string().max(256).describe('What it was made.'),
            at: Instant.describe('When.'),
          })
          .optional()
          .describe('The last one.'),
      })
      .optional()
      .describe('Settings that were found changed in the guest and put back.'),
    updates: GuestUpdates.optional(),
    remedy: DoneRemedy.optional(),
    lines: LogLines.optional().describe(
      'The last lines of its log that matter, the newest first, while an incident of the VM is open (MO-12); absent: none is.',
    ),
    lease: Lease.optional().describe('Who works in the guest now; absent: nobody.'),
    leaseGeneration: z.int().min(0).optional().describe('The highest generation that a lease of this VM ever had.'),
    steps: list(StepRecord, 16).optional().describe('What was begun in the guest, the newest last.'),
  })
  .describe('What the hands in the guest found; written by the guest worker alone.');
export type GuestStateStatus = z.infer<typeof GuestStateStatus>;

export type GuestState = Resource<GuestStateSpec, GuestStateStatus>;

export const guestState: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'GuestState',
  plural: 'gueststates',
  singular: 'gueststate',
  shortNames: ['gst'],
  namespaced: true,
  writtenBy: 'steward',
  description: 'What was found inside the guest of the ManagedVM of the same name, and what was done there.',
  spec: GuestStateSpec,
  status: GuestStateStatus,
  validations: [],
  selectableFields: [],
  printerColumns: [
    {
      name: 'Contact',
      type: 'string',
      jsonPath: '.status.contact.outcome',
      description: 'Whether the guest is reached.',
    },
    { name: 'Since', type: 'date', jsonPath: '.status.contact.since', description: 'Since when.' },
    { name: 'Healed', type: 'integer', jsonPath: '.status.drift.healed', description: 'Settings that were put back.' },
    { name: 'Lease', type: 'string', jsonPath: '.status.lease.purpose', description: 'What is done in the guest now.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
