import { describe, expect, it } from 'vitest';
import { OpenRegistry } from '../../runtime/observe/registry.ts';
import { GuestMetrics } from './metrics.ts';

describe('steward_guests', () => {
  it('counts only guests of shards that this worker holds, and forgets one that is gone', async () => {
    const registry = new OpenRegistry();
    const held = new Set(['acme', 'globex']);
    const metrics = new GuestMetrics(registry, { held: 2, holds: namespace => held.has(namespace) });
    const counted = async () => (await registry.metrics()).match(/^steward_guests\{.*$/gm) ?? [];
    const record = (namespace: string, uid: string) => ({ name: 'vm', namespace, uid });
    metrics.looked(record('acme', 'a'), 'Reached', 1);
    metrics.found(record('acme', 'b'), 'NoAnswer');
    metrics.looked(record('globex', 'c'), 'Reached', 1);
    expect(await counted()).toEqual(['steward_guests{contact="Reached"} 2', 'steward_guests{contact="NoAnswer"} 1']);
    held.delete('globex');
    expect(await counted()).toEqual(['steward_guests{contact="Reached"} 1', 'steward_guests{contact="NoAnswer"} 1']);
    metrics.forget('b');
    expect(await counted()).toEqual(['steward_guests{contact="Reached"} 1']);
  });
});
