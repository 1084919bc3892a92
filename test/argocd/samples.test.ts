import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import type { Any } from '../integration/support/api.ts';
import { GitOps, inOrder } from './support/gitops.ts';

const root = join(import.meta.dirname, '../..');

let gitops: GitOps;
let steward: Any;
let customer: Any;

beforeAll(async () => {
  gitops = await GitOps.join();
  const text = await readFile(join(root, 'config/argocd/application.yaml'), 'utf8');
  [steward, customer] = parseAllDocuments(text).map(document => document.toJS());
});

afterAll(() => gitops?.leave());

async function copied(folder: string, files: readonly string[]): Promise<string> {
  const texts = files.map(async name => [name, await readFile(join(root, 'config/samples', name), 'utf8')] as const);
  return gitops.repository.replace(folder, new Map(await Promise.all(texts)));
}

function outOfSync({ status }: Any): string[] {
  return status.resources
    .filter((each: Any) => each.status !== 'Synced')
    .map(({ kind, name }: Any) => `${kind} ${name}`);
}

describe('the sample Applications of config/argocd, pointed at a repository of this test', () => {
  test('Steward’s own chart, which Helm had installed before, is Synced without a difference', async () => {
    await gitops.repository.copy(join(root, 'charts/steward'), 'charts/steward');
    // The operator runs beside this test: no kubelet here would start its Pods.
    steward.spec.source.helm.valuesObject.replicas = 0;
    steward.spec.source.helm.valuesObject.guest = { replicas: 0 };
    steward.spec.source.helm.valuesObject.imageNamespaces = ['golden-images'];
    await gitops.order(steward);
    const { name } = steward.metadata;
    const first = await gitops.says(name, inOrder, 180_000);
    const again = await gitops.refreshed(name);
    expect(outOfSync(again)).toEqual([]);
    expect(again.status.operationState.finishedAt, 'synced again').toBe(first.status.operationState.finishedAt);
  });

  test('the sample catalogue is Synced and Healthy', async () => {
    // The one that all files of the run share has an image from elsewhere: two sources would be merged into one entry.
    await gitops.api.remove(operatingSystem, '', 'debian-13');
    const revision = await copied('sample-catalogue', [
      'images.yaml',
      'operatingsystems.yaml',
      'servicecalendars.yaml',
      'serviceplans.yaml',
      'contracts.yaml',
      'clusterpatchpolicies.yaml',
      'clusterbackuppolicies.yaml',
    ]);
    await gitops.apply('sample-catalogue', { namespace: 'default' });
    await gitops.says('sample-catalogue', { ...inOrder, revision });
  });

  test('a customer’s sample orders are Synced and Healthy', async () => {
    const revision = await copied('acme', ['backuppolicies.yaml', 'patchpolicies.yaml', 'managedvms.yaml']);
    customer.spec.source.path = 'acme';
    await gitops.order(customer);
    const application = await gitops.says(customer.metadata.name, { ...inOrder, revision }, 180_000);
    expect(outOfSync(application)).toEqual([]);
  });
});
