import { z } from 'zod';
import { Moment } from '../../api/moment.ts';
import { HandEnvironment, type HandProcessSettings, handSettings } from '../handsettings.ts';
import { type Environment, parsed } from '../processsettings.ts';
import type { Share } from './runner.ts';

const PatchEnvironment = HandEnvironment.extend({
  STEWARD_PATCH_POLICY: z.string().min(1),
  STEWARD_PATCH_SHARDS: z.coerce.number().int().min(1).max(64).default(1),
  STEWARD_PATCH_PARALLEL: z.coerce.number().int().min(1).max(1000).default(50),
  STEWARD_PATCH_UNTIL: Moment,
  /** Kubernetes gives it to each Pod of an indexed Job. */
  JOB_COMPLETION_INDEX: z.coerce.number().int().min(0).default(0),
});

/** What the runner reads from its environment. */
export type PatchSettings = HandProcessSettings & { readonly share: Share };

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readPatchSettings(environment: Environment, hostname: string): PatchSettings {
  const read = parsed(PatchEnvironment, environment);
  return {
    ...handSettings(read, hostname),
    share: {
      policyUid: read.STEWARD_PATCH_POLICY,
      shard: read.JOB_COMPLETION_INDEX,
      shards: read.STEWARD_PATCH_SHARDS,
      parallel: read.STEWARD_PATCH_PARALLEL,
      until: new Date(read.STEWARD_PATCH_UNTIL),
    },
  };
}
