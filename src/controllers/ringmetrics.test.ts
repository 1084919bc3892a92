import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { RingStatus } from '../api/ringstatus.ts';
import { ringMetrics } from './ringmetrics.ts';

const ring = (state: RingStatus['state']): RingStatus => ({
  ...{ name: 'canary', state, reason: 'Ring canary.', members: 2, running: 0, failed: 1 },
});
const policy = { apiVersion: '', kind: 'ClusterPatchPolicy', metadata: { name: 'standard', uid: 'u' } };
const LABELS = 'kind="ClusterPatchPolicy",namespace="",name="standard",ring="canary"';

it('MO-11: metrics tell how rings stand now, and nothing of what they were', async () => {
  const registry = new Registry();
  const { record, forget } = ringMetrics(registry);
  const lines = async () => (await registry.metrics()).split('\n').filter(line => line !== '' && !line.startsWith('#'));
  record(policy, [ring('Open')]);
  record(policy, [ring('Halted')]);
  expect(await lines()).toEqual([
    `steward_patch_ring{${LABELS},state="Halted"} 1`,
    `steward_patch_ring_halted{${LABELS}} 1`,
  ]);
  record(policy, [ring('Soaking')]);
  expect(await lines()).toContain(`steward_patch_ring_halted{${LABELS}} 0`);
  forget('u');
  expect(await lines()).toEqual([]);
});
