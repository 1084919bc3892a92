import { describe, expect, it } from 'vitest';
import type { InspectedBackup } from '../../api/managedvm.ts';
import { backedUpVM, backupOf, backupPolicyOf, contentsWith, storageLocationOf } from './backup.fixtures.ts';
import { consistencyOf } from './consistency.ts';
import { diskDefect } from './inspection.ts';
import { type Contents, keptInspections } from './inspections.ts';
import { type JudgingFacts, judging, toInspect } from './judging.ts';

type Data = InspectedBackup['disks'][number]['data'];

const DAY = 24 * 3_600_000;
const now = new Date('2026-11-26T00:00:00Z');
const madeOn = (day: number) => new Date(Date.parse('2026-11-01T01:00:00Z') + (day - 1) * DAY).toISOString();
const onDay = (day: number) => backupOf(`day-${day}`, madeOn(day));
const inspected = (day: number, data: Data = 'Held'): InspectedBackup => ({
  ...{ name: `day-${day}`, uid: `uid-of-day-${day}` },
  disks: [{ name: 'root', data }],
});
const vmThatRemembers = (...entries: readonly InspectedBackup[]) => {
  const vm = backedUpVM();
  return { ...vm, status: { ...vm.status, backup: { policy: 'daily', inspected: [...entries] } } };
};
const facts = (changed: Partial<JudgingFacts> = {}): JudgingFacts => ({
  managedVM: backedUpVM(),
  policy: backupPolicyOf(),
  machine: { holds: new Map(), virtualMachineInstance: undefined },
  backups: [20, 21, 22].map(onDay),
  contents: () => undefined,
  permitted: ['default'],
  storageLocation: () => storageLocationOf('Available'),
  now,
  ...changed,
});
const asked = (changed: Partial<JudgingFacts> = {}) => toInspect(facts(changed))?.metadata.name;
const contents =
  (found: Readonly<Record<string, Contents>>): JudgingFacts['contents'] =>
  uid =>
    new Map(Object.entries(found)).get(uid);

describe('AP-13: what was found in a backup', () => {
  it('is remembered, whatever the machine has become since: its guest was started anew, its disk is another claim', () => {
    const frozen: InspectedBackup = { ...inspected(22, 'Moved'), consistency: 'FilesystemConsistent' };
    const managedVM = vmThatRemembers(frozen);
    const another = { standing: 'ours', claim: 'another', taken: true } as const;
    const machine = { holds: new Map([['root', another]]), virtualMachineInstance: undefined };
    const { inspections } = judging(facts({ managedVM, machine, contents: () => contentsWith('Moved') }));
    expect(inspections.get(frozen.uid)).toEqual(frozen);
  });
});

describe('AP-13: which backup is looked into', () => {
  const unreadable = (minutes: number) => ({ failure: 'x', retryAt: new Date(now.getTime() + minutes * 60_000) });

  it.each<[string, Partial<JudgingFacts>, string | undefined]>([
    ['the newest', {}, 'day-22'],
    ['none where there is none', { backups: [] }, undefined],
    ['none where the newest was, and is good', { managedVM: vmThatRemembers(inspected(22)) }, undefined],
    ['none where what it holds has just been read', { contents: () => contentsWith('Held') }, undefined],
    ['an older one where the newest lacks a disk', { managedVM: vmThatRemembers(inspected(22, 'Skipped')) }, 'day-21'],
    [
      'an older one while the newest cannot be read',
      { contents: contents({ 'uid-of-day-22': unreadable(5) }) },
      'day-21',
    ],
    ['the newest again when its time has come', { contents: contents({ 'uid-of-day-22': unreadable(0) }) }, 'day-22'],
    [
      'another of the same name, for it may hold something else',
      { managedVM: vmThatRemembers({ ...inspected(22), uid: 'uid-of-a-former-one' }) },
      'day-22',
    ],
    [
      'the newest again where the VM has taken over a disk since, which it may hold',
      { managedVM: vmThatRemembers({ ...inspected(22), disks: [] }) },
      'day-22',
    ],
    ['none in a place that the namespace may not use: nothing is read there', { permitted: ['elsewhere'] }, undefined],
    ['none that failed anyway', { backups: [backupOf('b', madeOn(22), { phase: 'PartiallyFailed' })] }, undefined],
    [
      'none that is somebody else’s',
      { backups: [{ ...onDay(22), spec: { includedNamespaces: ['globex'] } }] },
      undefined,
    ],
  ])('%s', (_, changed, name) => {
    expect(asked(changed)).toBe(name);
  });

  it('no more than eight, where none of them counts', () => {
    const days = Array.from({ length: 12 }, (_, index) => index + 10);
    const backups = days.map(onDay);
    const bad = days.map(day => inspected(day, 'Skipped'));
    expect(asked({ backups, managedVM: vmThatRemembers(...bad.slice(-7)) })).toBe('day-14');
    expect(asked({ backups, managedVM: vmThatRemembers(...bad.slice(-8)) })).toBeUndefined();
  });
});

describe('AP-13: what the status remembers', () => {
  const kept = (changed: Partial<JudgingFacts>) => {
    const { inspections, own, circumstances } = judging(facts(changed));
    return keptInspections(inspections, own, circumstances).map(({ name }) => name);
  };

  it('is the newest backup that counts, and newer ones that do not', () => {
    const managedVM = vmThatRemembers(inspected(22, 'Skipped'), inspected(21), inspected(20));
    expect(kept({ managedVM })).toEqual(['day-22', 'day-21']);
  });

  it('is nothing of backups that are gone', () => {
    expect(kept({ managedVM: vmThatRemembers(inspected(22)), backups: [] })).toEqual([]);
  });

  it('never leaves out the one that counts, however many newer ones do not', () => {
    const days = Array.from({ length: 12 }, (_, index) => index + 10);
    const managedVM = vmThatRemembers(...days.map(day => inspected(day, day === 10 ? 'Held' : 'Failed')));
    const names = kept({ managedVM, backups: days.map(onDay) });
    expect(names).toHaveLength(8);
    expect(names.at(-1)).toBe('day-10');
  });
});

describe('AP-13: the disks that a backup must hold', () => {
  const withDisks = (filled: Readonly<Record<string, string | undefined>>) => {
    const names = Object.keys(filled);
    const vm = backedUpVM('shop-db', { disks: names.map(name => ({ name, size: '1Gi' })) });
    const disks = names.map(name => ({
      name,
      claim: `shop-db-${name}`,
      ...(filled[name] && { filledAt: filled[name] }),
    }));
    return { ...vm, status: { disks } };
  };
  const holding = (data: Readonly<Record<string, Data>>): InspectedBackup => ({
    ...inspected(22),
    disks: Object.entries(data).map(([name, each]) => ({ name, data: each })),
  });
  const [before, after] = [madeOn(1), madeOn(25)];

  it.each<[string, Record<string, string | undefined>, Record<string, Data>, string | undefined]>([
    ['each of them', { root: before, data: before }, { root: 'Held', data: 'Moved' }, undefined],
    [
      'and lacks one that Velero skipped',
      { root: before, data: before },
      { root: 'Held', data: 'Skipped' },
      'is Completed and lacks 1 of 2 disks: data (Velero skipped it)',
    ],
    ['but for one that was filled later', { root: before, data: after }, { root: 'Held', data: 'Absent' }, undefined],
    [
      'but for one that holds nothing yet',
      { root: before, data: undefined },
      { root: 'Held', data: 'Absent' },
      undefined,
    ],
    [
      'one that was filled later too, where Velero tells that it left it out',
      { root: before, data: after },
      { root: 'Held', data: 'Skipped' },
      'is Completed and lacks 1 of 2 disks: data (Velero skipped it)',
    ],
    [
      'at least one, whenever they were filled',
      { root: after },
      { root: 'Absent' },
      'is Completed and holds no disk of the VM',
    ],
    ['none that the order no longer has', { root: before }, { root: 'Held', old: 'Failed' }, undefined],
  ])('%s', (_, filled, data, defect) => {
    expect(diskDefect(withDisks(filled), onDay(22), holding(data), false)).toBe(defect);
  });

  it('copied to the storage location where the policy wants them off site: a snapshot beside the disk is none', () => {
    const ask = (data: Data) => diskDefect(withDisks({ root: before }), onDay(22), holding({ root: data }), true);
    expect(ask('Moved')).toBeUndefined();
    expect(ask('Held')).toBe('is Completed and lacks 1 of 1 disks: root (it was not moved to the storage location)');
  });
});

describe('AP-13: how consistent the data in a backup are', () => {
  const agent = (status: 'True' | 'False', lastTransitionTime: string) => ({
    ...backedUpVM(),
    status: { conditions: [{ type: 'AgentConnected', status, reason: 'x', message: '', lastTransitionTime }] },
  });
  const running = (since: string) =>
    ({ startedAt: new Date(since) }) as NonNullable<JudgingFacts['machine']['virtualMachineInstance']>;
  const withHooks = (hooksAttempted: number) => backupOf('b', madeOn(22), { hookStatus: { hooksAttempted } });

  it.each([
    ['the agent was there before, and hooks ran', agent('True', madeOn(1)), madeOn(1), 2, 'FilesystemConsistent'],
    ['the agent came later: KubeVirt’s hook succeeds without one', agent('True', madeOn(23)), madeOn(1), 2, undefined],
    [
      'no agent was there all the time, and the hook succeeded',
      agent('False', madeOn(1)),
      madeOn(1),
      2,
      'CrashConsistent',
    ],
    ['the agent is gone, so nobody knows whether it was there', agent('False', madeOn(23)), madeOn(1), 2, undefined],
    ['no hook ran in a guest that did', agent('True', madeOn(1)), madeOn(1), 0, 'CrashConsistent'],
    ['no hook ran, and the guest was started later', agent('True', madeOn(1)), madeOn(23), 0, undefined],
  ] as const)('%s', (_, managedVM, started, hooks, consistency) => {
    expect(consistencyOf(managedVM, running(started), withHooks(hooks))).toBe(consistency);
  });

  it.each([
    ['file systems were let go meanwhile, for nobody had done so in five minutes', 5, 'CrashConsistent'],
    ['file systems were let go by its hook', 4, 'FilesystemConsistent'],
  ] as const)('%s', (_, minutes, consistency) => {
    const start = Date.parse(madeOn(22));
    const minute = (count: number) => new Date(start + count * 60_000).toISOString();
    const freezes = [{ since: minute(0), until: minute(minutes) }];
    const connected = agent('True', madeOn(1));
    const guest = { ...connected, status: { ...connected.status, freezes } };
    const made = backupOf('b', madeOn(22), { hookStatus: { hooksAttempted: 2 }, completionTimestamp: minute(9) });
    expect(consistencyOf(guest, running(madeOn(1)), made)).toBe(consistency);
  });
});
