import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { KeyPlaces } from '../../domain/machine/keymove.ts';
import { KeyEnvironment, keyPlaces } from '../keyplaces.ts';
import {
  type Environment,
  Flag,
  Port,
  ProcessEnvironment,
  type ProcessSettings,
  parsed,
  processSettings,
} from '../processsettings.ts';

const WorkerEnvironment = ProcessEnvironment.extend(KeyEnvironment.shape).extend({
  STEWARD_GUEST_SHARDS: z.coerce.number().int().min(1).max(64).default(8),
  STEWARD_GUEST_SSH_PORT: Port.default(22),
  STEWARD_GUEST_PORT_FORWARD: Flag.default(false),
  STEWARD_GUEST_WINDOWS: Flag.default(false),
});

/** What the guest worker reads from its environment. */
export type GuestSettings = ProcessSettings & {
  readonly keys: KeyPlaces;
  /** Into how many parts the namespaces are divided; the same for all workers. */
  readonly shards: number;
  /** Where the guests' sshd listens. */
  readonly sshPort: number;
  /** Whether KubeVirt may be asked to dial guests that are not reached directly. */
  readonly portForward: boolean;
  /** Whether Windows guests are worked in: what does so has met no real Windows (ADR 0134). */
  readonly windows: boolean;
  /** Unique per process, so that a restarted one takes nothing for its own that it does not remember. */
  readonly identity: string;
};

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readGuestSettings(environment: Environment, hostname: string): GuestSettings {
  const read = parsed(WorkerEnvironment, environment);
  return {
    ...processSettings(read),
    keys: keyPlaces(read),
    shards: read.STEWARD_GUEST_SHARDS,
    sshPort: read.STEWARD_GUEST_SSH_PORT,
    portForward: read.STEWARD_GUEST_PORT_FORWARD,
    windows: read.STEWARD_GUEST_WINDOWS,
    identity: `${read.POD_NAME ?? hostname}_${randomUUID().slice(0, 8)}`,
  };
}
