import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kinds } from '../../src/api/kinds.ts';
import type { Any } from '../integration/support/api.ts';
import { eventually } from '../integration/support/eventually.ts';
import { GitOps, type Settings } from './support/gitops.ts';
import { gitKinds } from './support/kinds.ts';

let gitops: GitOps;

beforeAll(async () => {
  gitops = await GitOps.join();
});

afterAll(() => gitops?.leave());

const SERVER_SIDE_DIFF = { 'argocd.argoproj.io/compare-options': 'ServerSideDiff=true' };
const ways: Readonly<Record<string, Settings>> = {
  'client-side': {},
  'server-side-diff': { annotations: SERVER_SIDE_DIFF },
  'server-side-apply': { syncOptions: ['ServerSideApply=true'] },
  'server-side-both': { annotations: SERVER_SIDE_DIFF, syncOptions: ['ServerSideApply=true'] },
};

test('every kind that people order, and may keep in Git, is in these tests', () => {
  expect(gitKinds.map(({ kind }) => kind.kind).sort()).toEqual(
    kinds
      .filter(({ writtenBy, acts }) => writtenBy === undefined && acts === undefined)
      .map(({ kind }) => kind)
      .sort(),
  );
});

/** Told of each object, for that of the whole is the worst of them. */
const healths = new Map(gitKinds.map(({ kind, health = 'Healthy' }) => [kind.kind, health]));

describe.each(Object.entries(ways))('an Application compared and applied %s', (name, settings) => {
  test('has no difference once the API server has added defaults', async () => {
    await gitops.api.namespace(name);
    const objects = gitKinds.flatMap(kind => [kind.terse(name, 'terse'), kind.full(name, 'full')]);
    const revision = await gitops.commit(name, objects);
    await gitops.apply(name, settings);
    const application = await gitops.says(name, { sync: 'Synced', operation: 'Succeeded', revision });
    const { status } = await eventually(async () => {
      const each = await gitops.refreshed(name);
      expect(each.status.resources.filter((one: Any) => one.health?.status !== healths.get(one.kind))).toEqual([]);
      return each;
    }, 120_000);
    expect(status.resources.filter((each: Any) => each.status !== 'Synced')).toEqual([]);
    expect(status.operationState.finishedAt, 'synced again').toBe(application.status.operationState.finishedAt);
  });
});

describe('what cannot be served', () => {
  test.each(gitKinds.flatMap(({ kind, broken = [] }) => [broken].flat().map(each => ({ kind, ...each }))))(
    'a $kind.kind is Degraded, and says $reason',
    async ({ kind, reason, object }) => {
      const folder = `broken-${kind.plural}`;
      await gitops.commit(folder, [object(folder, 'broken')]);
      await gitops.apply(folder, { syncOptions: ['CreateNamespace=true'] });
      const application = await gitops.says(folder, { sync: 'Synced', health: 'Degraded' });
      expect(application.status.resources[0].health.message).toMatch(new RegExp(`^${reason}: `));
    },
  );
});
