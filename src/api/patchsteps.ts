/** What is done in a guest around an install: steps of a closed catalogue, never text for a shell (MO-4). */
import { z } from 'zod';
import { Duration, secondsOf } from './duration.ts';
import { ATOMIC } from './guestupdates.ts';
import { withExactlyOne, withRules } from './rules.ts';

/** Most steps that one policy names before an install, and after it. */
const MOST_STEPS = 8;

const SERVICE = /^[A-Za-z0-9][A-Za-z0-9:_.@-]*\.service$/;
/** By these Steward gets into a guest, and the guest to its network: whoever stops one locks out who would start it again. */
const NEEDED =
  /^(sshd?|dbus|dbus-broker|networking|network|NetworkManager|wicked.*|systemd-.*|steward-.*|qemu-guest-agent|cloud-.*)(@.*)?\.service$/;

const AnyService = z.string().min(9).max(128).regex(SERVICE);
const Named = z.strictObject({ name: AnyService.describe('A unit of systemd, e.g. postgresql.service.') });

const Stoppable = z.strictObject({
  name: withRules(AnyService, {
    rule: `!self.matches('${NEEDED.source.replaceAll('\\', '\\\\')}')`,
    message: 'a service by which the guest is reached is never stopped',
    holds: name => !NEEDED.test(name),
  }).describe('A unit of systemd, and none by which the guest is reached.'),
});

const At = z.strictObject({
  path: z
    .string()
    .min(2)
    .max(200)
    .regex(/^(\/[A-Za-z0-9._@:+-]+)+$/)
    .describe('Absolute path in the guest.'),
});

const Port = z.strictObject({
  port: z.int().min(1).max(65_535).describe('TCP port of the guest.'),
  within: withRules(Duration, {
    rule: "duration(self) <= duration('300s')",
    message: 'is waited for five minutes at the most',
    holds: within => secondsOf(within) <= 300,
  })
    .optional()
    .describe('How long it is waited for, five minutes at the most. Absent: 30s.'),
});

const anywhere = {
  startService: Named.optional().describe('Starts the service.'),
  restartService: Stoppable.optional().describe('Starts the service anew.'),
  serviceRunning: Named.optional().describe('Asks whether the service runs.'),
  pathExists: At.optional().describe('Asks whether something is there.'),
  pathAbsent: At.optional().describe(
    'Asks whether nothing is there, e.g. the lock of a job that must not be interrupted.',
  ),
  tcpPortOpen: Port.optional().describe('Asks whether somebody listens at the port.'),
};
const KINDS = ['startService', 'restartService', 'serviceRunning', 'pathExists', 'pathAbsent', 'tcpPortOpen'] as const;

const messageOf = (kinds: readonly string[]): string => `a step is exactly one of ${kinds.join(', ')}`;

const BEFORE = ['stopService', ...KINDS] as const;

export const StepBefore = withExactlyOne(
  z.strictObject({
    stopService: Stoppable.optional().describe('Stops the service; it is started again after, whatever happens.'),
    ...anywhere,
  }),
  BEFORE,
  messageOf(BEFORE),
);
export type StepBefore = z.infer<typeof StepBefore>;

export const StepAfter = withExactlyOne(z.strictObject(anywhere), KINDS, messageOf(KINDS));
export type StepAfter = z.infer<typeof StepAfter>;

const listed = <Step extends z.ZodType>(step: Step, max: number) => z.array(step).max(max).meta(ATOMIC);

/** What a policy says. */
export const PatchSteps = z
  .strictObject({
    before: listed(StepBefore, MOST_STEPS)
      .optional()
      .describe(
        'In their order before anything is changed; the first that fails ends the run, and nothing is installed.',
      ),
    after: listed(StepAfter, MOST_STEPS)
      .optional()
      .describe('In their order once all is installed and rebooted; one that fails makes the run Failed.'),
  })
  .describe("Steps around the install. A PatchPolicy's own lie within the provider's.");
export type PatchSteps = z.infer<typeof PatchSteps>;

/** What both policies of a run say together. */
export const StepsBefore = listed(StepBefore, 2 * MOST_STEPS);
export const StepsAfter = listed(StepAfter, 2 * MOST_STEPS);
