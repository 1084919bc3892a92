import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { KeyPlaces } from '../domain/machine/keymove.ts';
import { KeyEnvironment, keyPlaces } from './keyplaces.ts';
import { Flag, Port, ProcessEnvironment, type ProcessSettings, processSettings } from './processsettings.ts';

/** Variables of every process that works in guests. */
export const HandEnvironment = ProcessEnvironment.extend(KeyEnvironment.shape).extend({
  STEWARD_GUEST_SSH_PORT: Port.default(22),
  STEWARD_GUEST_PORT_FORWARD: Flag.default(false),
  STEWARD_GUEST_WINDOWS: Flag.default(false),
});

/** What every process that works in guests reads from its environment. */
export type HandProcessSettings = ProcessSettings & {
  /** Where the keys of guests lie. */
  readonly keys: KeyPlaces;
  /** Where the guests' sshd listens. */
  readonly sshPort: number;
  /** Whether KubeVirt may be asked to dial guests that are not reached directly. */
  readonly portForward: boolean;
  /** Whether Windows guests are worked in: what does so has met no real Windows (ADR 0134). */
  readonly windows: boolean;
  /** Unique per process, so that a restarted one takes nothing for its own that it does not remember. */
  readonly identity: string;
};

export function handSettings(read: z.infer<typeof HandEnvironment>, hostname: string): HandProcessSettings {
  return {
    ...processSettings(read),
    keys: keyPlaces(read),
    sshPort: read.STEWARD_GUEST_SSH_PORT,
    portForward: read.STEWARD_GUEST_PORT_FORWARD,
    windows: read.STEWARD_GUEST_WINDOWS,
    identity: `${read.POD_NAME ?? hostname}_${randomUUID().slice(0, 8)}`,
  };
}
