/** A root disk that is made anew beside the old one and takes its place: a rebuild, a migration to a newer system, or for a while a rescue (MO-2, GE-11). */
import { z } from 'zod';
import { Instant, ObjectName } from './common.ts';
import type { ValidationRule } from './kind.ts';

const Uid = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9a-f-]+$/);

/** Of a change by which the root disk is made anew: from which system to which; of a rebuild both are one. */
export const NewSystem = z
  .strictObject({
    from: ObjectName.describe('OperatingSystem that the guest has when it is ordered.'),
    to: ObjectName.describe('OperatingSystem of the new root disk.'),
  })
  .describe('What the new root disk is made of; names of OperatingSystems.');

export const NEW_ROOT_OPERATIONS = ['Rebuild', 'Migration', 'Rescue'] as const;
export type NewRootOperation = (typeof NEW_ROOT_OPERATIONS)[number];

export function isNewRootOperation(operation: string | undefined): operation is NewRootOperation {
  return NEW_ROOT_OPERATIONS.some(each => each === operation);
}

/**
 * Making: the new disk is filled beside the old one; the guest runs on. Stopping, Exchanging, Starting: the guest is away. OnTrial: it runs on the new
 * disk, and the customer says whether he takes it; of a rescue until its time is over. Accepted: he has; of a migration until spec.operatingSystem says so. StoppingBack, ExchangingBack,
 * TakenBack: the old disk takes its place again. Failed: it never came to an exchange.
 */
export const NewRootPhase = z.enum([
  ...['Making', 'Stopping', 'Exchanging', 'Starting', 'OnTrial', 'Accepted'],
  ...['StoppingBack', 'ExchangingBack', 'TakenBack', 'Failed'],
] as const);
export type NewRootPhase = z.infer<typeof NewRootPhase>;

const Claim = z.strictObject({
  claim: z.string().min(1).max(253).describe('Name of the PersistentVolumeClaim.'),
  uid: Uid.describe('Exactly this incarnation of it.'),
});

export const NewRoot = z
  .strictObject({
    change: z
      .strictObject({ name: ObjectName.describe('Its name.'), uid: Uid.describe('Its UID.') })
      .describe('ChangeRequest by which it is done, once.'),
    operation: z
      .enum(NEW_ROOT_OPERATIONS)
      .describe(
        'Rebuild: the same system. Migration: a newer one (GE-11). Rescue: another one, for a while, with the old root disk beside it.',
      ),
    operatingSystem: ObjectName.describe('OperatingSystem of the new root disk.'),
    phase: NewRootPhase.describe('How far it is.'),
    since: Instant.describe('Since when it stands there.'),
    message: z.string().max(1000).describe('Why, in a full sentence.'),
    before: Claim.describe('The root disk of before. Steward neither changes nor deletes it.'),
    after: Claim.partial({ uid: true }).describe('The new root disk; its UID once it is there.'),
    until: Instant.optional().describe('Of a Rescue: when the VM takes its old root disk back.'),
    ranAt: Instant.optional().describe('When a guest was first seen to run on the new disk.'),
    instance: z
      .string()
      .max(64)
      .optional()
      .describe('UID of the VirtualMachineInstance that ran before the exchange; absent: none did.'),
  })
  .describe('How the root disk is made anew by a ChangeRequest; absent: it is not.');
export type NewRoot = z.infer<typeof NewRoot>;

const ACCEPTED =
  "has(oldSelf.status) && has(oldSelf.status.newRoot) && oldSelf.status.newRoot.operation == 'Migration' && oldSelf.status.newRoot.phase == 'Accepted' && self.spec.operatingSystem == oldSelf.status.newRoot.operatingSystem";

/** A rule on the whole ManagedVM, because it reads the status as well: what was migrated and accepted is what the order may say from then on. */
export const systemFollowsMigration: ValidationRule = {
  rule: `self.spec.operatingSystem == oldSelf.spec.operatingSystem || (${ACCEPTED})`,
  message:
    'operatingSystem is immutable: a new major release is a migration, never an edit (GE-11); only after one that was accepted it may name that system (status.newRoot)',
  fieldPath: '.spec.operatingSystem',
  reason: 'FieldValueForbidden',
};
