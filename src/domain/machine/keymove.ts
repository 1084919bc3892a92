import type { GivenKeys, KeyPrints } from '../../api/managedvm.ts';

/** Where the keys of VMs lie, by namespace. */
export type KeyPlaces = {
  /** Keys are made here, and stay. */
  readonly namespace: string;
  /** Those of an earlier installation are moved from here. Undefined: nothing is read anywhere else. */
  readonly migrateFrom: string | undefined;
};

/** Where they lie unless the provider says otherwise. */
export const KEY_PLACES: KeyPlaces = { namespace: 'steward-keys', migrateFrom: undefined };

/**
 * The namespaces in the order in which they are read by name: a copy is there before the key that it was made of goes, so who finds that one
 * gone finds the copy afterwards.
 */
export function keyNamespaces({ namespace, migrateFrom }: KeyPlaces): readonly string[] {
  return migrateFrom === undefined ? [namespace] : [migrateFrom, namespace];
}

/** One generation of a VM's keys as it is stored: where keys stay, and where they are moved from. */
export type Placed<Keys extends KeyPrints = KeyPrints> = {
  readonly generation: number;
  readonly home: Keys | undefined;
  readonly former: Keys | undefined;
};

/** The keys that count: those in the place where keys stay, unless only the others are what the guest was given. */
export function counting<Keys extends KeyPrints>(placed: Placed<Keys>, given: GivenKeys | undefined): Keys | undefined {
  const { generation, home, former } = placed;
  if (home === undefined || former === undefined) return home ?? former;
  return !fits(home, generation, given) && fits(former, generation, given) ? former : home;
}

/**
 * What is done to move one generation. `copy`: it is in its former place alone. `remove`: it is in both, and the former one goes once the
 * copy is proved. `stay`: a person must decide, because it is not what the guest was given, or the two places hold different keys.
 */
export type Move = 'copy' | 'remove' | 'stay';

/** Undefined: it is where keys stay, and nowhere else. */
export function moveOf({ generation, home, former }: Placed, given: GivenKeys | undefined): Move | undefined {
  if (former === undefined) return undefined;
  if (home === undefined) return fits(former, generation, given) ? 'copy' : 'stay';
  return home.provider === former.provider && home.host === former.host ? 'remove' : 'stay';
}

/** Whether keys are those that the status speaks of; of a generation that it does not know, whether they are for the same guest. */
function fits(keys: KeyPrints, generation: number, given: GivenKeys | undefined): boolean {
  if (given === undefined) return true;
  const { host, next, former = [], ...present } = given;
  const told = [{ ...present, generation: present.generation ?? 1 }, ...(next ? [next] : []), ...former];
  const known = told.find(each => each.generation === generation);
  return keys.host === host && (known === undefined || known.provider === keys.provider);
}
