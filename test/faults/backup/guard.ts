/** Looks at every instant at what no fault may cost: disks that a VM had, and the backups of it. By the tester's own watches. */

import { pathOf } from '../../../hack/testbed/client/path.ts';
import { Store } from '../../../hack/testbed/client/store.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { PersistentVolume, PersistentVolumeClaim, VeleroBackup } from '../../../src/api/upstream.ts';
import type { Any, Api } from '../../integration/support/api.ts';

/** What a VM had before a fault: each disk with its claim, and the volume behind it. */
export type Had = {
  readonly disks: readonly { readonly disk: string; readonly claim: Any; readonly volume: Any }[];
  readonly backups: readonly Any[];
};

export class Guard {
  readonly claims: Store<Any>;
  readonly volumes: Store<Any>;
  readonly backups: Store<Any>;
  readonly vms: Store<Any>;
  /** Checks by kind and key, and what they have found by scope. */
  readonly #checks = new Map<string, () => void>();
  readonly #harm = new Map<string, Set<string>>();

  constructor({ client }: Api, signal: AbortSignal) {
    const follow = (store: Store<Any>, what: string) => {
      store.onChange(key => this.#checks.get(`${what} ${key}`)?.());
      void store.follow(signal);
      return store;
    };
    this.claims = follow(new Store(client, pathOf(PersistentVolumeClaim)), 'claim');
    this.volumes = follow(new Store(client, pathOf(PersistentVolume)), 'volume');
    this.backups = follow(new Store(client, pathOf(VeleroBackup, 'velero')), 'backup');
    this.vms = follow(new Store(client, pathOf(managedVM)), 'vm');
  }

  /** From now on what the VM of that name has in its namespace must stay as it is. */
  protect(scope: string, backups: readonly Any[]): Had {
    const vm = this.vms.get(`${scope}/${scope}`);
    const disks = (vm?.status?.disks ?? []).map(({ name: disk, claim: name }: Any) => {
      const claim = this.claims.get(`${scope}/${name}`);
      return { disk, claim, volume: this.volumes.get(claim?.spec.volumeName) };
    });
    for (const { disk, claim, volume } of disks) {
      if (claim === undefined || volume === undefined) throw new Error(`disk ${disk} of ${scope} has no volume`);
      this.#watch(scope, `claim ${scope}/${claim.metadata.name}`, () =>
        harmToClaim(claim, this.claims.get(`${scope}/${claim.metadata.name}`)),
      );
      this.#watch(scope, `volume ${volume.metadata.name}`, () =>
        harmToVolume(volume, this.volumes.get(volume.metadata.name)),
      );
    }
    for (const backup of backups) {
      const key = `velero/${backup.metadata.name}`;
      this.#watch(scope, `backup ${key}`, () => harmToBackup(backup, this.backups.get(key)));
    }
    return { disks, backups };
  }

  /** Of an exchange all disks are taken, or none. */
  wholeExchange(scope: string, before: readonly string[]): void {
    this.#watch(scope, `vm ${scope}/${scope}`, () => {
      const held: readonly string[] = (this.vms.get(`${scope}/${scope}`)?.status?.disks ?? []).map(
        ({ claimUID }: Any) => claimUID,
      );
      const left = held.filter(uid => before.includes(uid)).length;
      return left === 0 || left === before.length ? undefined : `${left} of ${before.length} disks are the old ones`;
    });
  }

  /** What the tester itself takes away from now on. */
  release(scope: string, what: 'backup' | 'claim' | 'volume' | 'vm'): void {
    for (const key of this.#checks.keys())
      if (key.startsWith(`${what} `) && key.includes(scope)) this.#checks.delete(key);
  }

  /** What has been harmed at any instant. */
  harm(scope: string): readonly string[] {
    return [...(this.#harm.get(scope) ?? [])];
  }

  #watch(scope: string, key: string, look: () => string | undefined): void {
    const check = () => {
      const harm = look();
      if (harm === undefined) return;
      const found = this.#harm.get(scope) ?? new Set<string>();
      this.#harm.set(scope, found.add(`${key} ${harm}`));
    };
    this.#checks.set(key, check);
    check();
  }
}

function harmToClaim(before: Any, now: Any): string | undefined {
  if (now === undefined) return 'is gone';
  if (now.metadata.uid !== before.metadata.uid) return 'is another';
  if (now.metadata.deletionTimestamp !== undefined) return 'is being deleted';
  if (now.spec.volumeName !== before.spec.volumeName) return `has volume ${now.spec.volumeName}`;
  return now.status?.phase === 'Bound' ? undefined : `is ${now.status?.phase}`;
}

function harmToVolume(before: Any, now: Any): string | undefined {
  if (now === undefined) return 'is gone';
  if (now.metadata.uid !== before.metadata.uid) return 'is another';
  if (now.metadata.deletionTimestamp !== undefined) return 'is being deleted';
  if (now.spec.claimRef?.uid !== before.spec.claimRef.uid) return `was given to ${JSON.stringify(now.spec.claimRef)}`;
  const policy = now.spec.persistentVolumeReclaimPolicy;
  return policy === before.spec.persistentVolumeReclaimPolicy ? undefined : `has reclaim policy ${policy}`;
}

/** Whatever failed: nobody of ours deletes a backup, or lets it expire sooner. */
function harmToBackup(before: Any, now: Any): string | undefined {
  if (now === undefined) return 'is gone';
  if (now.metadata.uid !== before.metadata.uid) return 'is another';
  if (now.metadata.deletionTimestamp !== undefined) return 'is being deleted';
  if (now.spec.ttl !== before.spec.ttl) return `is kept for ${now.spec.ttl}`;
  return now.status?.expiration >= before.status?.expiration ? undefined : `expires at ${now.status?.expiration}`;
}
