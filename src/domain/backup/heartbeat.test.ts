import { describe, expect, it } from 'vitest';
import { storageLocationOf } from './backup.fixtures.ts';
import { type Heartbeat, heard, veleroObstacle } from './heartbeat.ts';
import type { BackupStorageLocation, ServerStatusRequest } from './velero.ts';

const at = (time: string) => new Date(`2026-11-23T${time}Z`);
const plugins = [
  { kind: 'ObjectStore', name: 'velero.io/aws' },
  { kind: 'BackupItemAction', name: 'kubevirt-velero-plugin/backup-virtualmachine-action' },
];

function question(creationTimestamp: string, status?: ServerStatusRequest['status']): ServerStatusRequest {
  const metadata = { name: 'steward-uid', namespace: 'velero', creationTimestamp };
  return { apiVersion: 'velero.io/v1', kind: 'ServerStatusRequest', metadata, ...(status && { status }) };
}

function answered(time: string, status: ServerStatusRequest['status'] = {}): ServerStatusRequest {
  const processedTimestamp = `2026-11-23T${time}Z`;
  const answer = { phase: 'Processed', processedTimestamp, serverVersion: 'v1.18.3', plugins };
  return question(processedTimestamp, { ...answer, ...status });
}

function locationSeen(lastValidationTime?: string, provider = 'velero.io/aws'): BackupStorageLocation {
  const location = storageLocationOf('Available');
  const status = {
    ...location.status,
    ...(lastValidationTime && { lastValidationTime: `2026-11-23T${lastValidationTime}Z` }),
  };
  return { ...location, spec: { provider }, status };
}

const reasonOf = (heartbeat: Heartbeat, location: BackupStorageLocation, now: Date) =>
  veleroObstacle(heartbeat, location, now)?.reason;

describe('AP-13: what Velero said of itself', () => {
  it('is its newest answer, which is known when the question has gone', () => {
    const first = heard({}, [answered('01:00:00')]);
    expect(first).toEqual({ answer: { at: at('01:00:00'), version: 'v1.18.3', plugins } });
    expect(heard(first, [])).toEqual(first);
    const open = heard(first, [question('2026-11-23T01:05:00Z')]);
    expect(open).toEqual({ ...first, askedAt: at('01:05:00') });
    expect(heard(open, [answered('01:05:01')]).answer?.at).toEqual(at('01:05:01'));
    expect(heard(open, [answered('00:59:00')]).answer?.at).toEqual(at('01:00:00'));
  });

  it('is taken only as far as it can be a name', () => {
    const hostile = { serverVersion: 'v1\n.18', plugins: [{ kind: 'ObjectStore', name: 'x'.repeat(101) }, {}] };
    expect(heard({}, [answered('01:00:00', hostile)]).answer).toEqual({
      at: at('01:00:00'),
      version: undefined,
      plugins: [],
    });
    expect(heard({}, [answered('01:00:00', { processedTimestamp: 'soon' })]).answer).toBeUndefined();
  });
});

describe('AP-13: a Velero that is silent', () => {
  const alive = heard({}, [answered('01:00:00')]);
  const asked = heard(alive, [question('2026-11-23T01:05:00Z')]);

  it('has neither answered nor looked at the storage location for ten minutes', () => {
    expect(reasonOf(asked, locationSeen('01:05:00'), at('01:14:59'))).toBeUndefined();
    expect(veleroObstacle(asked, locationSeen('01:05:00'), at('01:15:00'))).toEqual({
      status: 'False',
      reason: 'VeleroSilent',
      message:
        'Velero gives no sign of life since 2026-11-23T01:05:00Z: it neither says its status nor looks at BackupStorageLocation default, so no backups are made.',
    });
  });

  it('leaves what it has answered, which a living one deletes', () => {
    expect(reasonOf(alive, locationSeen('01:00:00'), at('01:10:00'))).toBe('VeleroSilent');
  });

  it.each<[string, Heartbeat, BackupStorageLocation]>([
    ['looks at the storage location, and answers no questions', asked, locationSeen('02:59:00')],
    ['answers, and nobody has it look at the storage location', heard({}, [answered('02:59:00')]), locationSeen()],
    ['has not been asked yet', {}, locationSeen('01:00:00')],
    [
      'has just been asked, after Steward was away',
      heard({}, [question('2026-11-23T02:59:00Z')]),
      locationSeen('01:00:00'),
    ],
    ['has never shown itself', heard({}, [question('2026-11-23T01:00:00Z')]), locationSeen()],
  ])('is none that %s', (_, heartbeat, location) => {
    expect(reasonOf(heartbeat, location, at('03:00:00'))).toBeUndefined();
  });
});

describe('AP-13: a Velero without a plug-in', () => {
  const saying = (...these: typeof plugins) => heard({}, [answered('01:00:00', { plugins: these })]);
  const [store, kubevirt] = plugins;

  it('that makes VMs whole, or reaches the store, is named with its version', () => {
    const none = veleroObstacle(saying(), locationSeen(), at('01:00:01'));
    expect(none).toEqual({
      status: 'False',
      reason: 'VeleroPluginMissing',
      message:
        'Velero v1.18.3 lacks plug-ins: none for the object store velero.io/aws, so it reaches no backup there; no kubevirt-velero-plugin, so what belongs to a VM is not brought along.',
    });
    expect(store && reasonOf(saying(store), locationSeen(), at('01:00:01'))).toBe('VeleroPluginMissing');
    expect(kubevirt && reasonOf(saying(kubevirt), locationSeen(), at('01:00:01'))).toBe('VeleroPluginMissing');
    expect(reasonOf(saying(...plugins), locationSeen(undefined, 'velero.io/gcp'), at('01:00:01'))).toBe(
      'VeleroPluginMissing',
    );
  });

  it.each(['velero.io/aws', 'aws', ''])('is none where the provider is called %j', provider => {
    expect(reasonOf(saying(...plugins), locationSeen(undefined, provider), at('01:00:01'))).toBeUndefined();
  });
});
