import { fields, textAt } from '../contract/json.ts';
import { advance, type RestoreAct, withDisk } from './acts.ts';
import { SEAL } from './begin.ts';
import { NOW, stagedClaim, UID, volumeOf, type World, withStatus } from './restore.fixtures.ts';

export const REQUEST = `steward-${UID}`;

/** Does what an act says, as the cluster would. */
export function perform(world: World, act: RestoreAct): void {
  const status = world.order.status ?? { phase: 'Pending' };
  switch (act.act) {
    case 'nothing':
      return;
    case 'write':
      withStatus(world, act.status);
      return;
    case 'seal':
      world.order = { ...world.order, metadata: { ...world.order.metadata, annotations: { [SEAL]: UID } } };
      return;
    case 'change':
      world.consent = { stand: 'Agreed' };
      withStatus(world, { ...status, change: { name: 'restore-again', uid: 'c' } });
      return;
    case 'request':
      world.request = {
        metadata: { ...act.object.metadata, uid: 'request-uid', creationTimestamp: '2026-12-01T12:00:00Z' },
        status: { phase: 'Completed' },
      };
      for (const name of ['shop-db-root', 'shop-db-data']) {
        world.staged.set(name, stagedClaim(name, REQUEST));
        world.volumes.set(`pv-of-${name}`, volumeOf(`pv-of-${name}`, `staged-${name}`));
      }
      withStatus(world, {
        ...advance(status, 'Restoring', 'begun', '', NOW),
        engine: { name: REQUEST, uid: 'request-uid' },
      });
      return;
    case 'changeVolume': {
      const name = textAt(act.volume, 'metadata', 'name') ?? '';
      const spec = { ...fields(act.volume.spec), ...fields(act.change.spec) };
      world.volumes.set(name, { ...act.volume, spec });
      return;
    }
    case 'release': {
      const name = textAt(act.claim, 'metadata', 'name') ?? '';
      const volume = textAt(act.claim, 'spec', 'volumeName') ?? '';
      world.staged.delete(name);
      if (textAt(world.volumes.get(volume), 'spec', 'persistentVolumeReclaimPolicy') !== 'Retain')
        world.volumes.delete(volume);
      return;
    }
    case 'makeMachine': {
      const { name } = act.object.metadata;
      world.machine = { ...act.object, metadata: { name, uid: 'machine-uid' } };
      withStatus(world, {
        ...advance(status, 'Starting', 'started', '', NOW),
        drill: { machine: { name, uid: 'machine-uid' } },
      });
      return;
    }
    case 'makeClaim': {
      const { name } = act.object.metadata;
      const uid = `new-${act.disk}`;
      world.claims.set(name, { ...act.object, metadata: { name, uid }, status: { phase: 'Bound' } });
      withStatus(world, withDisk(status, act.disk, { after: { claim: name, uid } }));
      return;
    }
  }
}
