/** What Steward does in a guest to mend what an alarm tells of (MO-6, MO-13, AP-3, AP-4): a closed list, no commands. */
import { z } from 'zod';
import { Instant, ObjectName } from './common.ts';
import { stringSet, withRules } from './rules.ts';

/** What the hands in the guest can do. */
export const GuestAction = z.enum([
  'RestartService',
  'FreeSpace',
  'RestartExporter',
  'RestartAgent',
  'Reload',
  'RestartUnit',
  'Look',
]);
export type GuestAction = z.infer<typeof GuestAction>;

/** What may be done to a machine; RestartGuest ends its instance, and the guest with it if need be by force. */
export const RemedyAction = z.enum([...GuestAction.options, 'RestartGuest']);
export type RemedyAction = z.infer<typeof RemedyAction>;

const Uid = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9a-f-]+$/);

/** What only a look in the guest can tell, and what forbids a remedy there while it is so, or nobody knows whether it is. */
export const GuestForbidding = z.enum(['DiskFull', 'EngineRecovering']);
export type GuestForbidding = z.infer<typeof GuestForbidding>;

/** As an order names it in spec.services and no stranger could mean anything else by it: no escapes, no spaces, no option of a program. */
export const ServiceUnit = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._@:-]*$/);

const MountPoint = z
  .string()
  .max(128)
  .regex(/^(\/|(\/[A-Za-z0-9_][A-Za-z0-9._@+-]*)+)$/);

const ProbedName = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);

const what = {
  unit: ServiceUnit.optional().describe(
    'Of RestartService, Reload and RestartUnit: the service, with or without .service. Of Look: the one that is looked at.',
  ),
  mountPoint: MountPoint.optional().describe('Of FreeSpace: the file system that is full.'),
  abovePercent: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('Of FreeSpace: it is full when more than so much is in use; else nothing is removed.'),
  unless: stringSet(GuestForbidding, { min: 1, max: 2 })
    .optional()
    .describe(
      'It is not done while any of these is so in the guest, or cannot be told there. DiskFull: 95 percent or more of a file system are used.',
    ),
  probe: z
    .strictObject({
      application: ProbedName(40).describe('Whose probe it is.'),
      name: ProbedName(32).describe('Which one.'),
    })
    .optional()
    .describe('A probe in the guest: it is not done where this one succeeds.'),
};

type What = {
  readonly action: string;
  readonly unit?: unknown;
  readonly mountPoint?: unknown;
  readonly abovePercent?: unknown;
};

const fits = {
  rule: "(self.action == 'Look' || (self.action in ['RestartService', 'Reload', 'RestartUnit']) == has(self.unit)) && (self.action == 'FreeSpace') == has(self.mountPoint) && (self.action == 'FreeSpace') == has(self.abovePercent)",
  message:
    'RestartService, Reload and RestartUnit name their unit, FreeSpace its mountPoint and abovePercent, and no other action does',
  holds: ({ action, unit, mountPoint, abovePercent }: What) =>
    (action === 'Look' || ['RestartService', 'Reload', 'RestartUnit'].includes(action) === (unit !== undefined)) &&
    (action === 'FreeSpace') === (mountPoint !== undefined) &&
    (action === 'FreeSpace') === (abovePercent !== undefined),
};

/** Of a change by which Steward mends something: what, for which incident, and which rung of the ladder it is. */
export const ChangeRemedy = withRules(
  z.strictObject({
    action: RemedyAction.describe('What is done.'),
    ...what,
    alert: z.string().min(1).max(63).describe('The alert whose ladder it is.'),
    rung: z.string().min(1).max(24).describe('Which rung of the ladder.'),
    incident: z
      .strictObject({ name: ObjectName.describe('Its name.'), uid: Uid.describe('Its UID.') })
      .describe('The Incident that it is to mend.'),
    application: z
      .strictObject({ name: ObjectName.describe('Its name.'), uid: Uid.describe('Its UID.') })
      .optional()
      .describe('The ManagedApplication whose ladder it is; absent: the ladder is one of the operating system.'),
    waitMinutes: z
      .int()
      .min(1)
      .max(1440)
      .optional()
      .describe('For so long the sensor is waited for that raised the alarm, and nothing else of the ladder is done.'),
  }),
  fits,
).describe('What Steward mends by it, unasked as the service level says (MO-6, GE-6).');
export type ChangeRemedy = z.infer<typeof ChangeRemedy>;

/** What the guest worker is told to do in a guest. */
export const OrderedRemedy = withRules(
  z.strictObject({
    change: z
      .strictObject({ name: ObjectName.describe('Its name.'), uid: Uid.describe('Its UID.') })
      .describe('ChangeRequest by which it is done, once.'),
    action: GuestAction.describe('What is done.'),
    ...what,
    until: Instant.describe('It does not begin any more from then on.'),
  }),
  fits,
).describe('What the guest worker is to mend in the guest now; absent: nothing.');
export type OrderedRemedy = z.infer<typeof OrderedRemedy>;

/** The part of it that says what to do in the guest. */
export type GuestRemedy = Pick<OrderedRemedy, 'action' | 'unit' | 'mountPoint' | 'abovePercent' | 'unless' | 'probe'>;

/** How the last one went. `FoundHealthy`, `NotFound`, `Forbidden`: a look came first, and nothing was done. */
export const DoneRemedy = z
  .strictObject({
    change: z
      .strictObject({ name: ObjectName.describe('Its name.'), uid: Uid.describe('Its UID.') })
      .describe('ChangeRequest by which it was done.'),
    outcome: z
      .enum(['Done', 'FoundHealthy', 'NotFound', 'Forbidden', 'Failed', 'Unknown', 'NotBegun'])
      .describe(
        'Done: it was done. FoundHealthy: the guest did not confirm what was wrong, and nothing was done. NotFound: there is nothing to do it with, e.g. a masked unit. Forbidden: it would have done harm, and nothing was done. Failed: it was tried. Unknown: it was cut off. NotBegun: it was too late for it.',
      ),
    says: z.string().max(256).describe('What was found and done, in bounded words.'),
    at: Instant.describe('When this was known.'),
  })
  .describe('The last remedy that was ordered in the guest (MO-6).');
export type DoneRemedy = z.infer<typeof DoneRemedy>;
