import { describe, expect, it } from 'vitest';
import { scheduleName } from '../contract/child.ts';
import { backedUpVM, backupOf, backupPolicyOf } from './backup.fixtures.ts';
import { isMadeFor } from './ownbackups.ts';
import { renderBackup } from './schedules.ts';
import type { VeleroBackup } from './velero.ts';

const vm = backedUpVM();
const policy = backupPolicyOf();
const [tier = expect.fail()] = policy.spec.tiers;
const made = backupOf('b', '2026-11-23T01:00:00Z');
const labelled = (labels: Record<string, string>): VeleroBackup => ({
  ...made,
  metadata: { ...made.metadata, labels: { ...made.metadata.labels, ...labels } },
});
const selecting = (spec: VeleroBackup['spec']): VeleroBackup => ({ ...made, spec: { ...made.spec, ...spec } });

describe('AP-6: a Backup is ours', () => {
  it.each<[string, VeleroBackup]>([
    ['as Velero makes it from our Schedule', made],
    [
      'as it is asked for out of turn',
      renderBackup({ managedVM: vm, policy, veleroNamespace: 'velero' }, tier, 'nightly 2026-12-02'),
    ],
    [
      'made from a tier that the policy no longer has',
      labelled({
        'managed.systems/backup-tier': 'old',
        'velero.io/schedule-name': scheduleName(vm, 'old'),
      }),
    ],
    [
      'with the exclusions that Velero adds by itself',
      selecting({
        excludedResources: [...(made.spec?.excludedResources ?? []), 'nodes', 'events', 'backups.velero.io'],
        excludedNamespaces: ['kube-system'],
      }),
    ],
    [
      'with the exclusion that Velero adds, and refuses, where a label of the Namespace leaves it out',
      selecting({ excludedNamespaces: ['acme'] }),
    ],
  ])('%s', (_, backup) => {
    expect(isMadeFor(vm, backup)).toBe(true);
  });
});

describe('AP-6: a label proves nothing: a Backup is not ours', () => {
  it.each<[string, VeleroBackup]>([
    ['made from no Schedule', labelled({ 'velero.io/schedule-name': '' })],
    ['made from another Schedule', labelled({ 'velero.io/schedule-name': 'everything-nightly' })],
    ['made from our Schedule of another tier than it claims', labelled({ 'managed.systems/backup-tier': 'monthly' })],
    ['of a ManagedVM of the same name before this one', labelled({ 'managed.systems/owner-uid': 'another' })],
    ['of another namespace', labelled({ 'managed.systems/owner-namespace': 'globex' })],
    ['that holds another namespace', selecting({ includedNamespaces: ['globex'] })],
    ['that selects other objects', selecting({ labelSelector: { matchLabels: { app: 'x' } } })],
    ['that selects all objects', selecting({ labelSelector: null })],
    ['that selects by several selectors', selecting({ orLabelSelectors: [{}] })],
    ['that holds some kinds only', selecting({ includedResources: ['configmaps'] })],
    ['that leaves out the disks', selecting({ excludedResources: ['persistentvolumeclaims'] })],
    ['that leaves out the VM', selecting({ excludedResources: ['virtualmachines.kubevirt.io'] })],
    ['that takes no snapshots', selecting({ snapshotVolumes: false })],
    ['without a spec', { apiVersion: made.apiVersion, kind: made.kind, metadata: made.metadata }],
  ])('%s', (_, backup) => {
    expect(isMadeFor(vm, backup)).toBe(false);
  });
});
