import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Moment } from '../../api/moment.ts';
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
import type { Share } from './runner.ts';

const PatchEnvironment = ProcessEnvironment.extend(KeyEnvironment.shape).extend({
  STEWARD_PATCH_POLICY: z.string().min(1),
  STEWARD_PATCH_SHARDS: z.coerce.number().int().min(1).max(64).default(1),
  STEWARD_PATCH_PARALLEL: z.coerce.number().int().min(1).max(1000).default(50),
  STEWARD_PATCH_UNTIL: Moment,
  STEWARD_GUEST_SSH_PORT: Port.default(22),
  STEWARD_GUEST_PORT_FORWARD: Flag.default(false),
  /** Kubernetes gives it to each Pod of an indexed Job. */
  JOB_COMPLETION_INDEX: z.coerce.number().int().min(0).default(0),
});

/** What the runner reads from its environment. */
export type PatchSettings = ProcessSettings & {
  readonly share: Share;
  /** Where the keys of guests lie. */
  readonly keys: KeyPlaces;
  /** Where the guests' sshd listens. */
  readonly sshPort: number;
  /** Whether KubeVirt may be asked to dial guests that are not reached directly. */
  readonly portForward: boolean;
  /** Unique per process, so that a restarted one takes nothing for its own that it does not remember. */
  readonly identity: string;
};

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readPatchSettings(environment: Environment, hostname: string): PatchSettings {
  const read = parsed(PatchEnvironment, environment);
  return {
    ...processSettings(read),
    keys: keyPlaces(read),
    share: {
      policyUid: read.STEWARD_PATCH_POLICY,
      shard: read.JOB_COMPLETION_INDEX,
      shards: read.STEWARD_PATCH_SHARDS,
      parallel: read.STEWARD_PATCH_PARALLEL,
      until: new Date(read.STEWARD_PATCH_UNTIL),
    },
    sshPort: read.STEWARD_GUEST_SSH_PORT,
    portForward: read.STEWARD_GUEST_PORT_FORWARD,
    identity: `${read.POD_NAME ?? hostname}_${randomUUID().slice(0, 8)}`,
  };
}
