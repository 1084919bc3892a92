import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { orderOf } from '../machine/firstboot/delivery.ts';
import { observe } from '../machine/observed.ts';
import { assess } from '../managedvm/assess.ts';
import { claim, input, managedVM, operatingSystem } from '../managedvm/assessment.fixtures.ts';
import { desiredGuest } from './desired.ts';
import type { GuestFacts, Rights } from './facts.ts';
import { guestFacts, looked, SINCE } from './guest.fixtures.ts';
import { guestNews } from './news.ts';
import { soleRootFor } from './soleroot.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const ACCESS = { access: { users: [{ name: 'anna', sshKeys: [], administrator: true }] } };
const soleRoot = { since: SINCE, applications: ['shop-orders'] };

const ordered = (status: Partial<NonNullable<ManagedVM['status']>> = { soleRoot }): ManagedVM =>
  managedVM(ACCESS, { status });

const planned = (name: string) => ({ name, uid: `${name}-uid`, revision: 'sha256:1' });

function said(
  applications: readonly string[] | undefined,
  change: Record<string, unknown> = {},
  order = ordered(),
  facts: Partial<GuestFacts> = {},
) {
  const guest = guestFacts(looked(change), { applications: applications?.map(planned), ...facts });
  const assessment = assess(input({ managedVM: order, guest, claims: { root } }));
  const of = (type: string) => assessment.conditions.find(each => each.type === type);
  return {
    assessment,
    status: assessment.status,
    verdict: `${of('SoleRoot')?.status}/${of('SoleRoot')?.reason}`,
    configured: `${of('Configured')?.status}/${of('Configured')?.reason}`,
    message: of('SoleRoot')?.message ?? '',
    sum: of('SLACompliant')?.message ?? '',
  };
}

const saidBefore = (status: 'True' | 'False' | 'Unknown', reason: string) => ({
  ...{ type: 'SoleRoot', status, reason, message: 'As it was.', lastTransitionTime: SINCE },
});

const root = { ...claim(), metadata: { name: 'shop-db-root', namespace: 'acme', uid: 'd1' } };
const alone = { soleRoot: true, access: [] };

describe('AP-9: who holds root in a guest', () => {
  it.each<[string, Parameters<typeof soleRootFor>, ReturnType<typeof soleRootFor>]>([
    ['is shared where no application runs', [[], undefined, NOW], undefined],
    [
      'is the provider from when the first one runs',
      [['b', 'a'], undefined, NOW],
      { since: '2026-11-23T12:00:00Z', applications: ['a', 'b'] },
    ],
    [
      'since when does not change with another',
      [['b', 'a'], soleRoot, NOW],
      { since: SINCE, applications: ['a', 'b'] },
    ],
    ['is shared again with the end of the last', [[], soleRoot, NOW], undefined],
    ['stays as it was where it cannot be read what runs', [undefined, soleRoot, NOW], soleRoot],
    ['is shared where nothing was ever read', [undefined, undefined, NOW], undefined],
  ])('%s', (_, given, expected) => {
    expect(soleRootFor(...given)).toEqual(expected);
  });

  it('is written for the guest worker to follow, and looked at again soon', () => {
    const { status, assessment } = said(['shop-orders'], {}, ordered({}));
    expect(status.soleRoot).toEqual({ since: '2026-11-23T12:00:00Z', applications: ['shop-orders'] });
    expect(assessment.requeueAt?.getTime()).toBe(NOW.getTime() + 1_000);
  });

  it('is nothing that an order can say', () => {
    expect(Object.keys(managedVM(ACCESS).spec.access ?? {})).toEqual(['users']);
    expect(said([], {}, ordered()).status.soleRoot).toBeUndefined();
  });

  it('takes all accounts of the customer away, ordered or not any more, wherever they would be made', () => {
    const facts = {
      operatingSystem: operatingSystem(),
      providerKeys: [],
      accounts: ['ben'],
      windows: false,
    };
    const observed = observe({ managedVM: ordered(), ...{ installed: { kubevirt: true, cdi: true } } } as never);
    const shared = desiredGuest({ ...facts, managedVM: ordered({}) });
    const sole = desiredGuest({ ...facts, managedVM: ordered() });
    expect([shared.soleRoot, shared.users.map(({ name }) => name), shared.former]).toEqual([false, ['anna'], ['ben']]);
    expect([sole.soleRoot, sole.users, sole.former]).toEqual([true, [], ['anna', 'ben']]);
    expect(orderOf(ordered(), observed).users).toEqual([]);
    expect(orderOf(ordered({}), observed).users).toHaveLength(1);
  });

  it('is told by an event when it changes, and not again', () => {
    const news = (order: ManagedVM, applications: readonly string[]) =>
      guestNews(order, said(applications, {}, order).assessment).map(({ reason }) => reason);
    expect(news(ordered({}), ['shop-orders'])).toEqual(['SoleRootOrdered']);
    expect(news(ordered(), ['shop-orders', 'wiki'])).toEqual([]);
    expect(news(ordered(), [])).toEqual(['RootShared']);
    expect(news(ordered({}), [])).toEqual([]);
  });
});

describe('AP-9: SoleRoot', () => {
  it('is not included where no application runs, and never counts for a ManagedVM', () => {
    const { verdict, message, sum } = said([], {}, ordered({}));
    expect(verdict).toBe('Unknown/NotIncluded');
    expect(message).toContain('share root in its guest (MO-8)');
    expect(sum).toContain('SoleRoot (NotIncluded)');
    expect(said(['shop-orders'], { soleRoot: true }).sum).toMatch(/Shown, not counted: .*SoleRoot \(RootNotAlone\)/);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['the guest was looked at as one with shared root', { access: [] }, 'Unknown/Pending'],
    ['it was compared with an order of before', { ...alone, compared: 2 }, 'Unknown/Pending'],
    ['it is not reached', { ...alone, contact: { outcome: 'NoAnswer', since: SINCE } }, 'Unknown/GuestNotReached'],
    ['it was looked at before it started again', { ...alone, instance: 'earlier' }, 'Unknown/Pending'],
    ['somebody else can log in', { soleRoot: true }, 'False/RootNotAlone'],
    [
      'somebody is another root who cannot log in',
      { ...alone, access: [{ name: 'toor', ordered: false, login: false, administrator: true, keys: [] }] },
      'False/RootNotAlone',
    ],
    [
      'a rule of sudo is left',
      { ...alone, foreign: [{ kind: 'SudoRule', name: '/etc/sudoers.d/x', detail: 'for kim', since: SINCE }] },
      'False/RootNotAlone',
    ],
    ...['sole-root:rights', 'former:anna', 'account:steward', 'sudo:steward'].map(
      (setting): [string, Record<string, unknown>, string] => [
        `${setting} differs`,
        { ...alone, differences: [{ setting, found: 'x', since: SINCE }] },
        'False/RootNotAlone',
      ],
    ),
    [
      'another setting differs, which gives nobody rights',
      { ...alone, differences: [{ setting: 'time', found: 'x', since: SINCE }] },
      'Unknown/EvidenceIncomplete',
    ],
    [
      'the provider alone is in it',
      { ...alone, access: [{ name: 'steward', ordered: true, login: true, administrator: true, keys: [] }] },
      'Unknown/EvidenceIncomplete',
    ],
  ])('is never True by a guess: %s', (_, change, verdict) => {
    expect(said(['shop-orders'], change).verdict).toBe(verdict);
  });

  it('names who is not to be there, in quotation marks and bounded', () => {
    const names = Array.from({ length: 20 }, (_, index) => `user"${index}`);
    const access = names.map(name => ({ name, ordered: false, login: true, administrator: true, keys: [] }));
    const { message } = said(['shop-orders'], { ...alone, access });
    expect(message).toContain(`account "user'0" may become root`);
    expect(message).toContain('and 14 more');
  });

  const customer = { namespaces: ['acme'], users: [] };
  const nothing: Rights = { grants: { inNamespace: [], inCluster: [] }, customer };
  const console: Rights = {
    customer,
    grants: {
      inCluster: [],
      inNamespace: [
        {
          subjects: [{ kind: 'User', name: 'anna' }],
          rules: [
            {
              ...{ apiGroups: ['subresources.kubevirt.io'], resources: ['virtualmachineinstances/vnc'] },
              verbs: ['get'],
            },
          ],
        },
      ],
    },
  };
  const booted = { users: [], networks: [], exporter: false, ownUpdater: true };
  const account = { name: 'anna', keys: [], administrator: true };
  const later = { ...booted, at: '2026-11-23T11:40:00Z' };
  const earlier = { ...booted, at: '2026-11-23T09:00:00Z' };

  it.each<[string, Rights | undefined, Record<string, unknown>, Record<string, unknown>, string]>([
    ['no rights were read', undefined, { firstBoot: later }, {}, 'Unknown/EvidenceIncomplete'],
    ['rights cannot be read', { why: 'forbidden' }, { firstBoot: later }, {}, 'Unknown/EvidenceIncomplete'],
    ['somebody may open its console', console, { firstBoot: later }, {}, 'False/RootReachable'],
    ['it booted when the provider alone was to hold root', nothing, { firstBoot: later }, {}, 'True/RootAlone'],
    ['it booted before, without accounts', nothing, { firstBoot: earlier }, {}, 'True/RootAlone'],
    [
      'it booted with an account',
      nothing,
      { firstBoot: { ...earlier, users: [account] } },
      {},
      'Unknown/FormerCustomerRoot',
    ],
    ['it was given one later', nothing, { firstBoot: earlier }, { accounts: ['anna'] }, 'Unknown/FormerCustomerRoot'],
    ['nobody knows when it booted', nothing, {}, {}, 'Unknown/FormerCustomerRoot'],
  ])('in the guest the provider is alone, and %s', (_, rights, status, record, verdict) => {
    const order = ordered({ soleRoot, ...status });
    expect(said(['shop-orders'], { ...alone, ...record }, order, { rights }).verdict).toBe(verdict);
  });

  it('is True where the provider attests the root disk of a former root, and never beside somebody who may come by root', () => {
    const attested = { by: 'lee', at: '2026-11-23T11:00:00Z', rootDisk: 'd1', change: { name: 'clean', uid: 'c1' } };
    const aloneSince = '2026-11-23T10:30:00Z';
    const held = (
      rights: Rights | undefined,
      rootDisk: string,
      more: Partial<NonNullable<ManagedVM['status']>> = {},
    ) => {
      const managedVM = ordered({
        soleRoot: { ...soleRoot, aloneSince, attested: { ...attested, rootDisk } },
        ...more,
      });
      return said(['shop-orders'], alone, managedVM, { rights });
    };
    const former = said(['shop-orders'], alone, ordered({ soleRoot }), { rights: nothing }).message;
    expect(former).toMatch(/ the provider attests root disk d1 by an approved ChangeRequest \(spec\.attests\)\.$/);
    const kept = held(nothing, 'd1');
    expect([kept.verdict, kept.status.soleRoot?.attested?.by]).toEqual(['True/RootAttested', 'lee']);
    expect(kept.message).toContain('The provider (lee) has attested at 2026-11-23T11:00:00Z');
    const other = held(nothing, 'rebuilt');
    expect([other.verdict, other.status.soleRoot?.attested]).toEqual(['Unknown/FormerCustomerRoot', undefined]);
    const reachable = held(console, 'd1');
    expect([reachable.verdict, reachable.status.soleRoot]).toEqual(['False/RootReachable', soleRoot]);
    const before = { conditions: [saidBefore('True', 'RootAttested')] };
    expect(held(undefined, 'd1', before).verdict).toBe('True/RootAttested');
    expect(held(undefined, 'rebuilt', before).verdict).toBe('Unknown/EvidenceIncomplete');
  });

  it('says who could from outside, and how; and until when the customer may have been root', () => {
    const { message } = said(['shop-orders'], alone, ordered({ soleRoot, firstBoot: later }), { rights: console });
    expect(message).toContain('"User anna" may open its console');
    const former = said(['shop-orders'], alone, ordered({ soleRoot }), { rights: nothing });
    expect(former.message).toContain(`Until ${SINCE} the customer may have been root there`);
  });

  it('stays as it was where a new leader has not read any rights yet', () => {
    const order = ordered({ soleRoot, firstBoot: later, conditions: [saidBefore('False', 'RootReachable')] });
    expect(said(['shop-orders'], alone, order).verdict).toBe('False/RootReachable');
    const other = ordered({ soleRoot, firstBoot: later, conditions: [saidBefore('Unknown', 'Pending')] });
    expect(said(['shop-orders'], alone, other).verdict).toBe('Unknown/EvidenceIncomplete');
  });

  it('leaves Configured pending until the guest was compared with who holds root now', () => {
    expect(said(['shop-orders'], { access: [] }).configured).toBe('Unknown/Pending');
    expect(said(['shop-orders'], alone).configured).toBe('True/AsOrdered');
    expect(said([], alone).configured).toBe('Unknown/Pending');
  });
});
