/** Starts the played components, each under the name of what it plays. */
import { createWriteStream } from 'node:fs';
import type { CrdSet } from '../build/crds.ts';
import { Store } from '../client/store.ts';
import type { ControlPlane } from '../controlplane/controlplane.ts';
import { PlayedCdi } from './cdi.ts';
import { PlayedHandler, vmiCollection } from './handler.ts';
import { Misbehaviours } from './misbehaviour.ts';
import { PlayedNode } from './node.ts';
import { Provisioner } from './provisioner.ts';
import { playedBacking } from './storage.ts';
import type { Vmi } from './vmi.ts';

/** Plays what the CRDs that are there make sense of, until `signal` aborts; errors go to the log file. */
export async function play(
  plane: ControlPlane,
  sets: readonly CrdSet[],
  signal: AbortSignal,
  logFile: string,
): Promise<void> {
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const report = (who: string) => (line: string) => log.write(`${new Date().toISOString()} ${who} ${line}\n`);
  const [node, handler, storage, cdi] = await Promise.all([
    plane.client('playedNode'),
    plane.client('playedHandler'),
    plane.client('playedStorage'),
    plane.client('playedCdi'),
  ]);
  const misbehaviours = new Misbehaviours(node);
  const playedStorage = new Provisioner(storage, playedBacking);
  const playing = [misbehaviours.follow(signal), playedStorage.play(signal, report('storage'))];
  if (sets.includes('kubevirt')) {
    const vmis = new Store<Vmi>(handler, vmiCollection);
    const playedNode = new PlayedNode(node, vmis, misbehaviours);
    const playedHandler = new PlayedHandler(handler, vmis, playedNode.pods, misbehaviours);
    playing.push(playedNode.play(signal, report('node')), playedHandler.play(signal, report('handler')));
  }
  if (sets.includes('cdi')) {
    playing.push(new PlayedCdi(cdi, playedStorage.claims, misbehaviours).play(signal, report('cdi')));
  }
  void Promise.allSettled(playing).then(async () => {
    log.end();
    await Promise.all([node, handler, storage, cdi].map(client => client.close()));
  });
}
