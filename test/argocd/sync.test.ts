import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { managedVM } from '../../src/api/managedvm.ts';
import { type Any, conditionOf } from '../integration/support/api.ts';
import { callsSince } from '../integration/support/audit.ts';
import { eventually } from '../integration/support/eventually.ts';
import { dailyPolicy, linuxSystem, machine } from '../integration/support/orders.ts';
import { GitOps, inOrder, inWave, resourceOf } from './support/gitops.ts';
import { gitKinds } from './support/kinds.ts';

let gitops: GitOps;

beforeAll(async () => {
  gitops = await GitOps.join();
});

afterAll(() => gitops?.leave());

const backedUp = { operatingSystem: 'from-git', backupPolicyRef: { name: 'daily' } };
const catalogue = [linuxSystem('from-git')];
const orders = [
  inWave(0, dailyPolicy('waves', 'daily')),
  inWave(1, machine('waves', 'first', backedUp)),
  inWave(2, machine('waves', 'second', backedUp)),
];

describe('a catalogue and a customer’s orders in Git (MO-1)', () => {
  test('the provider’s catalogue is Synced and Healthy', async () => {
    const revision = await gitops.commit('catalogue', catalogue);
    await gitops.apply('catalogue');
    const application = await gitops.says('catalogue', { ...inOrder, revision });
    expect(resourceOf(application, 'OperatingSystem', 'from-git').health).toMatchObject({ status: 'Healthy' });
  });

  test('orders come by waves, and a sync that Argo CD’s restart interrupts goes on where it was', async () => {
    const { api } = gitops;
    await api.misbehave('waves', 'first', 'NeverReady');
    const revision = await gitops.commit('waves', orders);
    await gitops.apply('waves', { syncOptions: ['CreateNamespace=true'] });
    const waiting = await untilFirstIsAwaited();
    expect(
      await api.find(managedVM, 'waves', 'second'),
      'ordered before the first machine was healthy',
    ).toBeUndefined();
    const { uid } = (await api.get(managedVM, 'waves', 'first')).metadata;

    await gitops.kill('application-controller');
    await gitops.kill('redis');
    await gitops.kill('repo-server');
    await untilFirstIsAwaited();
    expect(
      await api.find(managedVM, 'waves', 'second'),
      'ordered before the first machine was healthy',
    ).toBeUndefined();

    await api.misbehave('waves', 'first');
    const application = await gitops.says('waves', { ...inOrder, revision });
    // Not the newest operation: Argo CD may heal at once what its cache of the cluster does not show yet.
    const [deployed] = application.status.history;
    expect(deployed.deployStartedAt, 'the sync that went on').toBe(waiting.status.operationState.startedAt);
    const [first, second] = await Promise.all(['first', 'second'].map(name => api.get(managedVM, 'waves', name)));
    expect(first.metadata.uid).toBe(uid);
    expect(Date.parse(second.metadata.creationTimestamp)).toBeGreaterThanOrEqual(Date.parse(readySince(first)));
  });

  test('the health of each object is what Steward says of it, in Steward’s words', async () => {
    const application = await gitops.get('waves');
    const shown = application.status.resources.map(({ kind, name, status, health }: Any) => ({
      kind,
      name,
      status,
      health,
    }));
    const first = await gitops.api.get(managedVM, 'waves', 'first');
    const message = `Running: ${conditionOf(first, 'Ready')?.message}`;
    expect(shown).toContainEqual({
      kind: 'ManagedVM',
      name: 'first',
      status: 'Synced',
      health: { status: 'Healthy', message },
    });
    expect(shown.map(({ health }: Any) => health.status)).toEqual(['Healthy', 'Healthy', 'Healthy']);
  });

  test('and Steward’s rights suffice for all of it', async () => {
    const calls = (await callsSince(inject('gitops'))).filter(({ objectRef }) => objectRef?.namespace === 'waves');
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
  });
});

describe('what somebody changes by hand', () => {
  const edited = gitKinds.flatMap(({ handEdit, ...rest }) => (handEdit === undefined ? [] : [{ ...rest, handEdit }]));

  test.each(edited)('in a $kind.kind is as in Git again', async ({ kind, full, handEdit }) => {
    const { api } = gitops;
    const folder = `edited-${kind.plural}`;
    const object = full(folder, 'edited');
    await gitops.commit(folder, [object]);
    await gitops.apply(folder, { syncOptions: ['CreateNamespace=true'] });
    await gitops.says(folder, { sync: 'Synced', operation: 'Succeeded' });
    const { name } = object.metadata;
    const { spec, metadata } = await api.get(kind, folder, name);
    await api.edit(kind, folder, name, handEdit);
    await eventually(async () => {
      const now = await api.get(kind, folder, name);
      expect(now.spec).toEqual(spec);
      expect(now.metadata.generation).toBeGreaterThan(metadata.generation + 1);
    });
    await gitops.says(folder, { sync: 'Synced' });
  });
});

/** The sync is under way, and what it waits for is the first machine. */
function untilFirstIsAwaited(): Promise<Any> {
  return eventually(
    async () => {
      const application = await gitops.refreshed('waves');
      expect(application.status.operationState).toMatchObject({
        phase: 'Running',
        message: 'waiting for healthy state of managed.systems/ManagedVM/first',
      });
      expect(resourceOf(application, 'ManagedVM', 'first').health.status).toBe('Progressing');
      return application;
    },
    90_000,
    1_000,
  );
}

function readySince(vm: Any): string {
  return vm.status.conditions.find(({ type }: Any) => type === 'Ready').lastTransitionTime;
}
