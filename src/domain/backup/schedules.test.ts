import { describe, expect, it } from 'vitest';
import { backedUpVM, backupPolicyOf } from './backup.fixtures.ts';
import { goDuration, renderSchedules } from './schedules.ts';

const tiers = [
  { name: 'daily', schedule: '0 1 * * *', retention: '720h' },
  { name: 'monthly', schedule: '0 3 1 * *', retention: '8760h' },
];
const render = (spec: Record<string, unknown> = {}, name = 'shop-db') =>
  renderSchedules({
    managedVM: backedUpVM(name),
    policy: backupPolicyOf({ tiers, ...spec }),
    veleroNamespace: 'velero',
  });

describe('AP-6: the Velero Schedules of a ManagedVM', () => {
  it('are one per tier in Velero’s namespace, with names that no other VM or tier can have', () => {
    const names = render().map(child => child.metadata.name);
    expect(names).toEqual([
      expect.stringMatching(/^acme-shop-db-daily-[0-9a-f]{8}$/),
      expect.stringMatching(/^acme-shop-db-monthly-[0-9a-f]{8}$/),
    ]);
    expect(render().map(child => child.metadata.namespace)).toEqual(['velero', 'velero']);
    const long = render({}, 'v'.repeat(50)).map(child => child.metadata.name);
    expect(long.every(name => name.length <= 63)).toBe(true);
    expect(new Set(long).size).toBe(2);
  });

  it('read exactly like this', () => {
    const owner = {
      'managed.systems/owner-kind': 'ManagedVM',
      'managed.systems/owner-namespace': 'acme',
      'managed.systems/owner-name': 'shop-db',
      'managed.systems/owner-uid': '2f0c9a3e-6a55-4f7e-9d0b-3f1f6f0f8b11',
    };
    expect(render({ timeZone: 'Europe/Berlin', storageLocation: 'offsite' })[0]).toEqual({
      apiVersion: 'velero.io/v1',
      kind: 'Schedule',
      metadata: {
        name: expect.any(String),
        namespace: 'velero',
        labels: { 'managed.systems/backup-tier': 'daily' },
      },
      spec: {
        schedule: 'CRON_TZ=Europe/Berlin 0 1 * * *',
        skipImmediately: false,
        useOwnerReferencesInBackup: false,
        template: {
          metadata: { labels: { ...owner, 'managed.systems/backup-tier': 'daily' } },
          includedNamespaces: ['acme'],
          excludedResources: [
            'endpoints',
            'endpointslices.discovery.k8s.io',
            'prometheusrules.monitoring.coreos.com',
            'servicemonitors.monitoring.coreos.com',
            'services',
          ],
          labelSelector: { matchLabels: { 'managed.systems/owner-uid': '2f0c9a3e-6a55-4f7e-9d0b-3f1f6f0f8b11' } },
          snapshotVolumes: true,
          storageLocation: 'offsite',
          ttl: '720h0m0s',
        },
      },
    });
  });

  it('leave to people whether they are paused (velero schedule pause)', () => {
    expect(render().flatMap(child => Object.keys(child.spec as object))).not.toContain('paused');
  });

  it('use only the old filters, without which the KubeVirt plugin’s safety checks see nothing', () => {
    const fields = render().flatMap(child => Object.keys((child.spec as { template: object }).template));
    expect(fields.filter(field => /ScopedResources$/.test(field))).toEqual([]);
  });

  it('never exclude what a running VM needs in its backup', () => {
    const excluded = JSON.stringify(render()[0]?.spec);
    for (const resource of [
      'virtualmachines',
      'virtualmachineinstances',
      'pods',
      'persistentvolumeclaims',
      'secrets',
    ]) {
      expect(excluded).not.toContain(`"${resource}`);
    }
  });

  it.each([
    [2_592_000, '720h0m0s'],
    [5400, '1h30m0s'],
    [90, '1m30s'],
    [45, '45s'],
    [3601, '1h0m1s'],
  ])('write %d seconds as Go does: %s', (seconds, text) => {
    expect(goDuration(seconds)).toBe(text);
  });

  describe('under a policy with a spread', () => {
    const spreadOver = (spread: string, spec = {}) => backupPolicyOf({ tiers, spread, timeZone: 'Etc/UTC', ...spec });
    const startsOf = (uid: string, spread: string, policy = spreadOver(spread)) => {
      const vm = backedUpVM();
      const managedVM = { ...vm, metadata: { ...vm.metadata, uid } };
      return renderSchedules({ managedVM, policy, veleroNamespace: 'velero' }).map(
        ({ spec }) => (spec as { schedule?: unknown }).schedule,
      );
    };
    const uids = Array.from({ length: 500 }, (_, index) => `00000000-0000-4000-8000-${index}`);

    it('start 500 VMs in every minute of it and in no other, for each VM always in the same', () => {
      const starts = uids.map(uid => startsOf(uid, '30m')[0]);
      const minutes = Array.from({ length: 30 }, (_, minute) => `CRON_TZ=Etc/UTC ${minute} 1 * * *`);
      expect(new Set(starts)).toEqual(new Set(minutes));
      expect(uids.map(uid => startsOf(uid, '30m')[0])).toEqual(starts);
      const most = Math.max(...minutes.map(minute => starts.filter(start => start === minute).length));
      expect(most).toBeLessThan(3 * (500 / 30));
    });

    it('AP-13: start none in a span that is to be avoided', () => {
      const policy = spreadOver('30m', { avoid: [{ name: 'batch', schedule: '10 1 * * *', duration: '10m' }] });
      const starts = uids.map(uid => startsOf(uid, '30m', policy)[0]);
      const minutes = Array.from({ length: 30 }, (_, minute) => minute).filter(minute => minute < 10 || minute > 19);
      expect(new Set(starts)).toEqual(new Set(minutes.map(minute => `CRON_TZ=Etc/UTC ${minute} 1 * * *`)));
    });

    it('start all at the time that the policy names, where the spread is none', () => {
      expect(new Set(uids.flatMap(uid => startsOf(uid, '0s')))).toEqual(
        new Set(['CRON_TZ=Etc/UTC 0 1 * * *', 'CRON_TZ=Etc/UTC 0 3 1 * *']),
      );
    });
  });
});
