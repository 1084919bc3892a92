import type { GivenKeys, KeyPrints, ManagedVM } from '../../api/managedvm.ts';
import { keySecretName } from '../contract/child.ts';
import { failed, waiting } from '../contract/finding.ts';
import type { FirstBootKeys } from './firstboot/keys.ts';
import { nextKeySet, orderedGeneration, presentGeneration } from './keysets.ts';
import type { Observed } from './observed.ts';
import type { Finding } from './reasons.ts';
import { fingerprintOfLine } from './sshkeys.ts';

/**
 * How the key pairs of a VM stand.
 * `new`: there are none, and no guest can know any: they are made.
 * `ready`: they are stored, and are those that the guest was given.
 * `lost`: there are none, but a guest was given some. `other`: what is stored is not what the guest was given.
 */
export type KeyStanding = 'new' | 'ready' | 'lost' | 'other';

/** Keys are state (design 4): once a guest may know them, no others are ever made for it. */
export function keyStanding(
  stored: KeyPrints | undefined,
  managedVM: ManagedVM,
  { virtualMachine }: Pick<Observed, 'virtualMachine'>,
): KeyStanding {
  const given = managedVM.status?.keys;
  if (stored === undefined) return given === undefined && !mayHaveBooted(managedVM, virtualMachine) ? 'new' : 'lost';
  const same = given === undefined || (given.provider === stored.provider && given.host === stored.host);
  return same ? 'ready' : 'other';
}

/** No machine is made before its keys are stored, so where one is, or a disk was filled, there were keys. */
function mayHaveBooted({ status }: ManagedVM, virtualMachine: Observed['virtualMachine']): boolean {
  return virtualMachine !== undefined || (status?.disks?.some(disk => disk.claimUID !== undefined) ?? false);
}

export function printsOf(keys: Pick<FirstBootKeys, 'providerPublicKey' | 'hostPublicKey'>): KeyPrints {
  return { provider: fingerprintOfLine(keys.providerPublicKey), host: fingerprintOfLine(keys.hostPublicKey) };
}

/** What to remember of the keys: what the guest was given first, which is what its first-boot Secret brought it. */
export function givenKeys(managedVM: ManagedVM, observed: Observed, delivered: boolean): GivenKeys | undefined {
  const { keysPresent, keyPrints, keySets } = observed;
  if (managedVM.status?.keys !== undefined) return managedVM.status.keys;
  if (!delivered || !keysPresent || keyPrints === undefined) return undefined;
  const generation = presentGeneration(
    managedVM,
    keySets.map(set => set.generation),
  );
  return { ...keyPrints, ...(generation > 1 && { generation }) };
}

/** What is wrong with the keys, if anything is. */
export function keyFinding(managedVM: ManagedVM, observed: Observed): Finding | undefined {
  const stored = observed.keysPresent ? (observed.keyPrints ?? managedVM.status?.keys) : undefined;
  // Stored keys whose prints nobody has looked at are as good as any.
  const standing = observed.keysPresent && stored === undefined ? 'ready' : keyStanding(stored, managedVM, observed);
  if (standing === 'ready') return nextFinding(managedVM, observed);
  if (standing === 'new') return waiting('KeysPending', "The provider's key pair for this VM is not stored yet.");
  const secret = `Secret ${keySecretName(managedVM.metadata.uid ?? '')}`;
  const { namespace, migrateFrom } = observed.keyPlaces;
  const places = [namespace, ...(migrateFrom === undefined ? [] : [migrateFrom])].join(' and ');
  const found = standing === 'lost' ? `${secret} is gone from ${places}` : `${secret} in ${places} holds other keys`;
  const given = managedVM.status?.keys;
  const which = given === undefined ? '' : ` (provider ${given.provider}, host ${given.host})`;
  return failed(
    'KeysLost',
    `${found}: the keys that the guest was given${which} are lost. No new ones are made, for the guest would not know them, and its first-boot Secret stays as it is. Restore that Secret with its labels from a backup of ${namespace}; if Steward kept its keys elsewhere before, move them from there (keys.migrateFrom of the chart).`,
  );
}

/** Keys that were published are never made a second time; the order for still later ones gives them up. */
function nextFinding(managedVM: ManagedVM, { keySets, keyPrints, keyPlaces }: Observed): Finding | undefined {
  const published = managedVM.status?.keys?.next;
  if (published === undefined || keyPrints === undefined) return undefined;
  const { generation, provider } = published;
  const present = { ...keyPrints, generation: managedVM.status?.keys?.generation ?? 1 };
  if (nextKeySet(managedVM, present, keySets) !== undefined || orderedGeneration(managedVM) > generation)
    return undefined;
  return failed(
    'KeysLost',
    `Secret ${keySecretName(managedVM.metadata.uid ?? '', generation)} in ${keyPlaces.namespace} is gone or holds other keys: the next key of the provider (generation ${generation}, ${provider}) is lost, and the guest may have it. The present one goes on opening the guest. Restore that Secret with its labels, or order a later generation in spec.access.providerKey, for which a new key is made.`,
  );
}
