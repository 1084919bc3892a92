import { describe, expect, it, test } from 'vitest';
import type { ChangeRequest, ChangeRequestStatus } from '../../api/changerequest.ts';
import type { RootAttested, SoleRoot } from '../../api/insideguest.ts';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { attestationOf, attestedWords, rootAfter } from './attestedroot.ts';
import { guestNews } from './news.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const SINCE = '2026-11-01T00:00:00Z';
const ALONE = '2026-11-10T00:00:00Z';
const vm = managedVM();
const soleRoot: SoleRoot = { since: SINCE, applications: ['shop'], aloneSince: ALONE };

type Word = NonNullable<ChangeRequestStatus['approvals']>[number];
const word = (change: Partial<Word> = {}): Word => ({
  ...{ name: 'yes', party: 'Provider', decision: 'Approve', by: 'lee', at: '2026-11-20T08:00:00Z' },
  ...{ counts: true, reason: 'Counted', ...change },
});

type Change = {
  readonly spec?: object;
  readonly words?: readonly Word[];
  readonly agreed?: string;
  readonly judged?: number;
};
function change({ spec = {}, words = [word()], agreed = 'True', judged = 1 }: Change = {}): ChangeRequest {
  return {
    metadata: { name: 'clean', namespace: 'acme', uid: 'c1', generation: 1 },
    spec: {
      attests: { rootDisk: 'd1' },
      target: { kind: 'ManagedVM', name: vm.metadata.name, uid: vm.metadata.uid },
      ...spec,
    },
    status: { observedGeneration: judged, approvals: words, conditions: [{ type: 'Agreed', status: agreed }] },
  } as unknown as ChangeRequest;
}

const attested: RootAttested = {
  by: 'lee',
  at: '2026-11-20T08:00:00Z',
  rootDisk: 'd1',
  change: { name: 'clean', uid: 'c1' },
};
const of = (
  changes: readonly ChangeRequest[],
  root: SoleRoot | undefined = soleRoot,
  rootDisk: string | undefined = 'd1',
) => attestationOf({ managedVM: vm, soleRoot: root, rootDisk, changes, now: NOW });

describe('AP-9: what the provider attests of a root disk that a customer was root on', () => {
  it('is believed by an approved change of this VM and this disk, with who and when', () => {
    expect(of([change()])).toEqual(attested);
    const two = [word({ name: 'b', by: 'kim', at: '2026-11-21T08:00:00Z' }), word()];
    expect(of([change({ words: two })])).toMatchObject({ by: 'kim; lee', at: '2026-11-21T08:00:00Z' });
    expect(attestedWords(attested)).toMatch(
      /^The provider \(lee\) has attested at 2026-11-20T08:00:00Z, by ChangeRequest clean/,
    );
  });

  test.each<[string, readonly ChangeRequest[], SoleRoot | undefined, string | undefined]>([
    ['not agreed to', [change({ agreed: 'False' })], soleRoot, 'd1'],
    ['judged as it was before an edit', [change({ judged: 0 })], soleRoot, 'd1'],
    ['of another disk', [change()], soleRoot, 'd2'],
    ['of a disk that is not known', [change()], soleRoot, undefined],
    ['of another VM', [change({ spec: { target: { kind: 'ManagedVM', name: 'x', uid: 'other' } } })], soleRoot, 'd1'],
    ['that attests nothing', [change({ spec: { attests: undefined } })], soleRoot, 'd1'],
    ['approved by the customer alone', [change({ words: [word({ party: 'Customer' })] })], soleRoot, 'd1'],
    [
      'whose approval does not count',
      [change({ words: [word({ counts: false, reason: 'ByRequester' })] })],
      soleRoot,
      'd1',
    ],
    [
      'that one of the provider has rejected',
      [change({ words: [word(), word({ decision: 'Reject' })] })],
      soleRoot,
      'd1',
    ],
    ['that has failed', [change({ spec: { result: { outcome: 'Failed' } } })], soleRoot, 'd1'],
    [
      'approved before the customer was out',
      [change({ words: [word({ at: '2026-11-09T23:59:59Z' })] })],
      soleRoot,
      'd1',
    ],
    [
      'of which one approval is older than that',
      [change({ words: [word(), word({ by: 'kim', at: '2026-11-09T00:00:00Z' })] })],
      ...([soleRoot, 'd1'] as const),
    ],
    ['before anybody has looked', [change()], { since: SINCE, applications: ['shop'] }, 'd1'],
    ['where root is shared', [change()], undefined, 'd1'],
  ])('is not by a change %s', (_, changes, root, disk) => {
    expect(attestationOf({ managedVM: vm, soleRoot: root, rootDisk: disk, changes, now: NOW })).toBeUndefined();
  });

  it('outlives its change and edits of it, and ends by the provider’s word or with the disk', () => {
    const onRecord = { ...soleRoot, attested };
    expect(of([], onRecord)).toEqual(attested);
    expect(of([change({ agreed: 'False', words: [word({ counts: false, reason: 'OtherPlan' })] })], onRecord)).toEqual(
      attested,
    );
    expect(of([change({ spec: { result: { outcome: 'Succeeded' } } })], onRecord)).toEqual(attested);
    expect(of([change({ words: [word({ decision: 'Reject' })] })], onRecord)).toBeUndefined();
    expect(of([change({ spec: { result: { outcome: 'Cancelled' } } })], onRecord)).toBeUndefined();
    expect(of([], onRecord, 'd2')).toBeUndefined();
    expect(of([], { ...onRecord, aloneSince: '2026-11-22T00:00:00Z' })).toBeUndefined();
  });

  const says = (
    status: 'True' | 'False' | 'Unknown',
    reason: 'RootAttested' | 'RootReachable' | 'GuestNotReached' | 'RootAlone' | 'FormerCustomerRoot',
  ) => ({
    ...{ status, reason, message: '' },
  });
  test.each<[string, ReturnType<typeof says>, SoleRoot, SoleRoot]>([
    [
      'the first look that finds nobody',
      says('Unknown', 'FormerCustomerRoot'),
      { since: SINCE, applications: [] },
      { since: SINCE, applications: [], aloneSince: '2026-11-23T12:00:00Z' },
    ],
    ['a later one', says('True', 'RootAttested'), soleRoot, { ...soleRoot, attested }],
    ['one that does not get in', says('Unknown', 'GuestNotReached'), soleRoot, { ...soleRoot, attested }],
    [
      'one that finds the customer able to',
      says('False', 'RootReachable'),
      { ...soleRoot, attested },
      { since: SINCE, applications: ['shop'] },
    ],
    [
      'one of a guest where he never was',
      says('True', 'RootAlone'),
      soleRoot,
      { since: SINCE, applications: ['shop'] },
    ],
  ])('stays on record by what is found: %s', (_, verdict, before, after) => {
    const holds = before.aloneSince === undefined ? undefined : attested;
    expect(rootAfter(verdict, before, holds, NOW)).toEqual(after);
  });

  it('events tell when it is believed and when it ends, once each', () => {
    const reasons = (before: SoleRoot, after: SoleRoot) =>
      guestNews({ ...vm, status: { soleRoot: before } }, { status: { soleRoot: after }, conditions: [] }).map(
        ({ reason }) => reason,
      );
    const believed = { ...soleRoot, attested };
    expect([reasons(soleRoot, believed), reasons(believed, believed), reasons(believed, soleRoot)]).toEqual([
      ...[['RootAttested'], [], ['AttestationEnded']],
    ]);
  });
});
