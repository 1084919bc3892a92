import { z } from 'zod';
import { HandEnvironment, type HandProcessSettings, handSettings } from '../handsettings.ts';
import { type Environment, parsed } from '../processsettings.ts';

const WorkerEnvironment = HandEnvironment.extend({
  STEWARD_GUEST_SHARDS: z.coerce.number().int().min(1).max(64).default(8),
});

/** What the guest worker reads from its environment. */
export type GuestSettings = HandProcessSettings & {
  /** Into how many parts the namespaces are divided; the same for all workers. */
  readonly shards: number;
};

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readGuestSettings(environment: Environment, hostname: string): GuestSettings {
  const read = parsed(WorkerEnvironment, environment);
  return {
    ...handSettings(read, hostname),
    shards: read.STEWARD_GUEST_SHARDS,
  };
}
