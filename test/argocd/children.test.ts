import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { managedVM } from '../../src/api/managedvm.ts';
import { DataVolume, PersistentVolumeClaim, Secret, VirtualMachine } from '../../src/api/upstream.ts';
import { type Any, ConfigMap } from '../integration/support/api.ts';
import { childrenOf } from '../integration/support/children.ts';
import { eventually } from '../integration/support/eventually.ts';
import { dailyPolicy, machine } from '../integration/support/orders.ts';
import { AppProject, GitOps, inOrder } from './support/gitops.ts';

const sample = join(import.meta.dirname, '../../config/argocd/project.yaml');
const disks = [
  { name: 'root', size: '20Gi' },
  { name: 'scratch', size: '5Gi', reclaimPolicy: 'Delete' },
];

let gitops: GitOps;

beforeAll(async () => {
  gitops = await GitOps.join();
  const { spec, ...project } = parse(await readFile(sample, 'utf8'));
  // In a project that permits every kind Argo CD looks at every kind for orphans.
  await gitops.api.create(AppProject, { ...project, spec: { ...spec, namespaceResourceWhitelist: undefined } });
});

afterAll(async () => {
  await gitops.configure({ 'application.resourceTrackingMethod': undefined });
  await gitops.leave();
});

const orphans = ({ status }: Any): string[] =>
  (status.conditions ?? [])
    .filter(({ type }: Any) => type === 'OrphanedResourceWarning')
    .map(({ message }: Any) => message);

describe.each(['annotation', 'annotation+label', 'label'])(
  'what Steward makes of an order, with tracking by %s',
  method => {
    const customer = `by-${method.replace('+', '-')}`;

    test('is neither claimed nor orphaned nor pruned by Argo CD', async () => {
      const { api } = gitops;
      await gitops.configure({ 'application.resourceTrackingMethod': method });
      const policy = dailyPolicy(customer, 'daily');
      const backedUp = { disks, backupPolicyRef: { name: 'daily' } };
      const both = ['gone', 'kept'].map(name => machine(customer, name, backedUp));
      await gitops.commit(customer, [policy, ...both]);
      await gitops.apply(customer, { project: 'customers', syncOptions: ['CreateNamespace=true'] });
      const application = await gitops.says(customer, inOrder);
      expect(application.status.resources.map(({ kind, name }: Any) => `${kind} ${name}`).sort()).toEqual([
        'BackupPolicy daily',
        'ManagedVM gone',
        'ManagedVM kept',
      ]);
      const before = await childrenOf(api, customer);

      await gitops.commit(customer, [policy, ...both.slice(1)]);
      const pruned = await gitops.says(customer, inOrder);
      expect(orphans(pruned)).toEqual([]);
      await eventually(async () => expect(await api.find(managedVM, customer, 'gone')).toBeUndefined());
      const after = await childrenOf(api, customer);
      const ofKept = (child: string) => / kept(-|$)| by-.*-kept-/.test(child);
      expect(after.filter(ofKept)).toEqual(before.filter(ofKept));
      expect(orphans(await gitops.refreshed(customer)), 'the retained disk').toEqual([]);
    });

    test('bears nothing by which Argo CD would know it as its own', async () => {
      const { api } = gitops;
      const lists = await Promise.all(
        [VirtualMachine, DataVolume, PersistentVolumeClaim, Secret].map(kind => api.list(kind, customer)),
      );
      const marks = lists.flat().flatMap(({ metadata: { name, labels = {}, annotations = {} } }) =>
        Object.keys({ ...labels, ...annotations })
          .filter(key => key === 'app.kubernetes.io/instance' || key.startsWith('argocd.argoproj.io/'))
          .map(key => `${name}: ${key}`),
      );
      expect(marks).toEqual([]);
    });

    test('is told from what is really nobody’s', async () => {
      await gitops.api.create(ConfigMap, {
        ...{ apiVersion: 'v1', kind: 'ConfigMap' },
        metadata: { name: 'forgotten', namespace: customer },
      });
      await eventually(async () => expect(orphans(await gitops.refreshed(customer))).toHaveLength(1), 60_000, 1_000);
    });
  },
);
