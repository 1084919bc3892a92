/**
 * Whether an alert that is gone is over. A guest whose exporter nobody hears raises none, and is not mended by that: then what it was about stays until its
 * sensors are heard again (MO-14).
 */
import type { ManagedVM } from '../../api/managedvm.ts';
import { isScrapable } from '../monitoring/scrape.ts';
import type { OwnRule } from './ownrules.ts';
import type { Labels } from './pointer.ts';

/** The VMs whose exporter is heard now. */
export const HEARD = 'max by (namespace, managed_vm) (up{managed_vm!="",application=""}) == 1';

/** Metrics that others tell of guests: the operator, KubeVirt and who asks from outside. */
const FROM_OUTSIDE = /^(steward_(?!application_)|kubevirt_|kube_|velero_|probe_)/;

/** Of a series of {@link HEARD}: which VM it is. */
export function heardVM(labels: Labels): string {
  return keyOf(labels.get('namespace'), labels.get('managed_vm'));
}

/** Whether a rule has no alert where the guest is silent. */
export function restsOnGuest({ expression }: Pick<OwnRule, 'expression'>): boolean {
  return [...expression.matchAll(/([A-Za-z_:][A-Za-z0-9_:]*)\{/g)].some(
    ([, metric = '']) => !FROM_OUTSIDE.test(metric),
  );
}

/** Whether the exporter of a VM is to be heard before an alert about it is over: one that is powered off as ordered has nothing to say. */
export function speaks(managedVM: ManagedVM): boolean {
  return isScrapable(managedVM) && managedVM.spec.powerState === 'Running';
}

/** As {@link heardVM} names it. */
export function nameOfVM({ metadata }: ManagedVM): string {
  return keyOf(metadata.namespace, metadata.name);
}

const keyOf = (namespace = '', name = ''): string => `${namespace}/${name}`;
