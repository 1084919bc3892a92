import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { orderOf } from '../machine/firstboot/delivery.ts';
import { observe } from '../machine/observed.ts';
import { assess } from '../managedvm/assess.ts';
import { input, managedVM, operatingSystem } from '../managedvm/assessment.fixtures.ts';
import { desiredGuest } from './desired.ts';
import { guestFacts, looked, SINCE } from './guest.fixtures.ts';
import { guestNews } from './news.ts';
import { soleRootFor } from './soleroot.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const ACCESS = { access: { users: [{ name: 'anna', sshKeys: [], administrator: true }] } };
const soleRoot = { since: SINCE, applications: ['shop-orders'] };

const ordered = (status: Partial<NonNullable<ManagedVM['status']>> = { soleRoot }): ManagedVM =>
  managedVM(ACCESS, { status });

const planned = (name: string) => ({ name, uid: `${name}-uid`, revision: 'sha256:1' });

function said(applications: readonly string[] | undefined, change: Record<string, unknown> = {}, order = ordered()) {
  const assessment = assess(
    input({ managedVM: order, guest: guestFacts(looked(change), { applications: applications?.map(planned) }) }),
  );
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

  it('says by what the guest is believed, and that root was shared before, unless it never was', () => {
    const { message } = said(['shop-orders'], alone);
    expect(message).toContain('Secret shop-db-first-boot of this namespace');
    expect(message).toContain(`Until ${SINCE} the customer may have been root there`);
    const firstBoot = { users: [], networks: [], exporter: false, ownUpdater: true, at: '2026-11-23T11:40:00Z' };
    expect(said(['shop-orders'], alone, ordered({ soleRoot, firstBoot })).message).not.toContain('Until');
  });

  it('leaves Configured pending until the guest was compared with who holds root now', () => {
    expect(said(['shop-orders'], { access: [] }).configured).toBe('Unknown/Pending');
    expect(said(['shop-orders'], alone).configured).toBe('True/AsOrdered');
    expect(said([], alone).configured).toBe('Unknown/Pending');
  });
});
