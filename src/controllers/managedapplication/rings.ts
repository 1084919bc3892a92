import { type ClusterPatchPolicy, ClusterPatchPolicySpec, clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { lineOf } from '../../domain/application/line.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { ringFrom } from '../../domain/patching/terms.ts';
import type { Peer, RingFacts } from '../../domain/policies/applicationrings.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { machineOf, type Ordered, PRODUCT_INDEX } from './facts.ts';

const said = readOnce(ClusterPatchPolicySpec);

/** The provider's rings by which the VM of an order is patched, and the orders of its kind in them; 'unknown': they cannot be read. Undefined: nothing patches it. */
export function ringsOf(ordered: Ordered, vm: ManagedVM | undefined, read: Reader): RingFacts | 'unknown' | undefined {
  const name = vm?.status?.patching?.provenBy;
  if (vm === undefined || name === undefined) return undefined;
  const policy = read.get<ClusterPatchPolicy & KubeObject>(clusterPatchPolicy, { namespace: '', name });
  const { spec } = said(policy?.spec);
  if (spec === undefined) return 'unknown';
  const rings = spec.rings.map(ring => ringFrom('Provider', ring));
  const { product } = ordered.spec;
  const line = lineOf(ordered);
  const peers = read.byIndex<Ordered>(managedApplication, PRODUCT_INDEX, product).flatMap((application): Peer[] => {
    if (lineOf(application) !== line || application.metadata.deletionTimestamp !== undefined) return [];
    const theirs = machineOf(application, read);
    const isAlike =
      theirs !== undefined && systemNameOf(theirs) === systemNameOf(vm) && theirs.status?.patching?.provenBy === name;
    return isAlike ? [{ application, placed: placed(theirs) }] : [];
  });
  return { rings, placed: placed(vm), peers };
}

function placed({ metadata: { namespace = '', labels = {} } }: ManagedVM) {
  return { namespace, labels };
}
