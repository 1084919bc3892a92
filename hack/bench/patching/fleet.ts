/** The VMs of the bench as operator and guest worker leave them, and the run of each, made as the operator makes it when a window opens. */
import { guestState } from '../../../src/api/gueststate.ts';
import { type PatchRunSpec, patchRun } from '../../../src/api/patchrun.ts';
import { instant } from '../../../src/domain/contract/condition.ts';
import { shardOf } from '../../../src/domain/contract/shard.ts';
import { runName } from '../../../src/domain/patching/opening.ts';
import { runSpec } from '../../../src/domain/patching/run.fixtures.ts';
import type { KubeObject, ResourceKind } from '../../../src/runtime/api/object.ts';
import { connect } from '../../../src/runtime/http/connection.ts';
import { Transport } from '../../../src/runtime/http/transport.ts';
import { createUncached } from '../../../src/runtime/http/uncached.ts';
import type { GuestBed, GuestKeys } from '../../../test/integration/support/guestbed.ts';
import { PINS } from './aptanswers.ts';
import { addressOf } from './playedaddresses.ts';
import type { Way } from './ways.ts';

export const NAMESPACE = 'fleet';
export const POLICY_UID = '00000000-0000-4000-8000-000000000015';
/** The ring that the fleet is in. */
export const FIRST_RING = 'first';
/** Pods of the Job. */
export const SHARDS = 2;
const AT_ONCE = 16;
const MINUTE = 60_000;

/** A window that is open: packages may be installed for another two hours. It opened at a whole minute, as schedules have it. */
export function openWindow(now: number): PatchRunSpec['occurrence'] {
  const minute = Math.floor(now / MINUTE) * MINUTE;
  const at = (minutes: number) => instant(new Date(minute + minutes * MINUTE));
  return { window: 'nightly', date: at(-5).slice(0, 10), start: at(-5), cutoff: at(120), end: at(135) };
}

export const shardOfGuest = (uid: string): number => shardOf(uid, SHARDS);

export type Guest = { readonly name: string; readonly uid: string; readonly way: Way };

/** ManagedVMs that run, with their keys and records. */
export async function makeFleet(bed: GuestBed, keys: GuestKeys, ways: readonly Way[]): Promise<readonly Guest[]> {
  await bed.api.namespace(NAMESPACE);
  return each(ways, async (way, index) => {
    const name = `vm-${`${index}`.padStart(4, '0')}`;
    const { metadata } = await bed.guest(NAMESPACE, name, keys, {}, addressOf(index));
    const record = objectOf(guestState, name, { managedVM: metadata.uid });
    await bed.api.create(guestState, record);
    return { name, uid: metadata.uid as string, way };
  });
}

/** Makes the run of each, as the operator. */
export async function makeRuns(
  bed: GuestBed,
  guests: readonly Guest[],
  occurrence: PatchRunSpec['occurrence'],
): Promise<void> {
  const kubeconfig = await bed.bed.kubeconfigFor('steward-system', 'steward');
  const transport = new Transport({ connection: connect({ kubeconfig }), userAgent: 'bench' });
  try {
    await each(guests, ({ name, uid }) => {
      const spec: PatchRunSpec = {
        ...runSpec(),
        // However they fall to the shards: all at once.
        ...{ managedVM: { name, uid }, occurrence, parallel: SHARDS * guests.length },
        ...{ ring: FIRST_RING, ringOf: 'Provider' },
        policy: { kind: 'ClusterPatchPolicy', name: 'standard', uid: POLICY_UID, generation: 1 },
        proven: { ring: 'canary', packages: PINS, askedAt: occurrence.start },
      };
      return createUncached(
        transport,
        patchRun,
        objectOf(patchRun, runName({ name, uid, namespace: NAMESPACE }, occurrence), spec),
      );
    });
  } finally {
    await transport.close();
  }
}

function objectOf({ group, version, kind }: ResourceKind, name: string, spec: object): KubeObject & { spec: object } {
  return { apiVersion: `${group}/${version}`, kind, metadata: { namespace: NAMESPACE, name }, spec };
}

async function each<Of, Made>(
  all: readonly Of[],
  make: (one: Of, index: number) => Promise<Made>,
): Promise<readonly Made[]> {
  const made: Made[] = [];
  const left = all.entries();
  const worker = async () => {
    for (const [index, one] of left) made[index] = await make(one, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return made;
}
