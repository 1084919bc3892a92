import { z } from 'zod';
import { KEY_PLACES, type KeyPlaces } from '../domain/machine/keymove.ts';

/** What the processes that read keys of guests read from their environment of where those lie. */
export const KeyEnvironment = z.object({
  STEWARD_KEYS_NAMESPACE: z.string().min(1).default(KEY_PLACES.namespace),
  STEWARD_KEYS_MIGRATE_FROM: z.string().default(''),
});

export function keyPlaces(read: z.output<typeof KeyEnvironment>): KeyPlaces {
  const { STEWARD_KEYS_NAMESPACE: namespace, STEWARD_KEYS_MIGRATE_FROM: from } = read;
  return { namespace, migrateFrom: from === '' || from === namespace ? undefined : from };
}
