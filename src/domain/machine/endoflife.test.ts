import { describe, expect, it } from 'vitest';
import { type ChangeRequest, ChangeRequestSpec, type ChangeRequestStatus } from '../../api/changerequest.ts';
import { type ManagedVM, ManagedVMSpec } from '../../api/managedvm.ts';
import { SystemEndOfLife } from '../../api/systemendoflife.ts';
import { operatingSystemOf } from '../managedvm/rendering.fixtures.ts';
import { systemEnd, systemOffer, systemOfferName } from './endoflife.ts';
import { ceasedSum, endNews, toldOfEnd } from './endoflifewords.ts';

const DAY = 86_400_000;
const ENDS = new Date('2028-06-10T00:00:00Z');
const days = (number: number) => new Date(ENDS.getTime() + number * DAY);
const debian = operatingSystemOf({ version: '12', lifeCycle: { endOfSupport: '2028-06-09' } });
const UID = '6c0b4b5c-0000-4000-8000-000000000001';

function vm(endOfLife?: SystemEndOfLife): ManagedVM {
  const spec = ManagedVMSpec.parse({
    serviceLevel: 'Admin',
    operatingSystem: 'debian-13',
    sizing: { cpu: 1, memory: '1Gi' },
    disks: [{ name: 'root', size: '10Gi' }],
  });
  const metadata = { name: 'shop-db', namespace: 'acme', uid: UID };
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'ManagedVM',
    metadata,
    spec,
    status: endOfLife ? { endOfLife } : {},
  };
}

type Word = NonNullable<ChangeRequestStatus['approvals']>[number];
const word = (decision: 'Approve' | 'Reject', at: Date, change: Partial<Word> = {}): Word => ({
  ...{ name: decision, party: 'Customer', decision, by: 'anna', at: at.toISOString().replace('.000', '') },
  ...{ counts: true, reason: 'Counted', ...change },
});

/** The offer as it is stored, with what was decided on it. */
function request(words: readonly Word[] = [], reason = 'AwaitingAgreement', spec: object = {}): ChangeRequest {
  const made = systemOffer(vm(), debian, days(-180));
  if (made === undefined) throw new Error('nothing was offered');
  return {
    ...made,
    metadata: { ...made.metadata, uid: 'c1', generation: 1 },
    spec: { ...made.spec, ...spec },
    status: {
      ...{ observedGeneration: 1, planHash: 'h', approvals: [...words] },
      conditions: [{ type: 'Agreed', status: 'False', reason }],
    },
  } as unknown as ChangeRequest;
}

/** Its passes, day by day from the end of support: each with the status that the one before has left. */
function lived(passes: readonly (readonly [number, readonly ChangeRequest[]])[]) {
  let record: SystemEndOfLife | undefined;
  for (const [day, changeRequests] of passes)
    record = systemEnd(vm(record), { operatingSystem: debian, changeRequests }, days(day)).record;
  if (record !== undefined) expect(SystemEndOfLife.safeParse(record).success).toBe(true);
  return record;
}

describe('GE-11, GE-12: the end of support of a VM’s operating system', () => {
  it('is offered a migration 180 days before, once, by a change that both sides agree to', () => {
    expect(systemOffer(vm(), debian, days(-180.01))).toBeUndefined();
    const offer = systemOffer(vm(), debian, days(-180));
    expect(ChangeRequestSpec.safeParse(offer?.spec).success).toBe(true);
    expect(offer?.metadata).toEqual({ name: 'system-shop-db-6c0b4b5c-debian-13-offer', namespace: 'acme' });
    expect(offer?.spec.agreement?.parties.map(({ party }) => party)).toEqual(['Provider', 'Customer']);
    expect(offer?.spec.reason).toMatch(/2028-06-10T00:00:00Z.*GE-12/);
    const record = lived([[-180, [request()]]]);
    expect(record?.offered).toEqual({
      at: '2027-12-13T00:00:00Z',
      change: { name: systemOfferName(vm(), 'debian-13'), uid: 'c1' },
    });
    expect(systemOffer(vm(record), debian, days(-100)), 'offered again').toBeUndefined();
  });

  it('is reminded of 90 days before', () => {
    expect(
      lived([
        [-180, [request()]],
        [-91, [request()]],
      ])?.reminded,
    ).toBeUndefined();
    expect(
      lived([
        [-180, [request()]],
        [-90, [request()]],
        [-80, [request()]],
      ])?.reminded,
    ).toBe('2028-03-12T00:00:00Z');
  });

  it('ceases the services after a refusal, at the end and not before; until then he can turn it', () => {
    const rejected = request([word('Reject', days(-100))], 'Rejected');
    expect(
      lived([
        [-180, [request()]],
        [-1, [rejected]],
      ]),
    ).toMatchObject({ answer: { decision: 'Rejected', by: 'anna' } });
    expect(
      lived([
        [-180, [request()]],
        [-1, [rejected]],
      ])?.ceased,
    ).toBeUndefined();
    const ceased = lived([
      [-180, [request()]],
      [0, [rejected]],
    ]);
    expect(ceased?.ceased).toBe('2028-06-10T00:00:00Z');
    // A migration that he orders and agrees to before the end.
    const ordered = request([word('Approve', days(-5))], 'Agreed', { operation: 'Migration', requestedBy: 'steward' });
    const migration = { ...ordered, metadata: { ...ordered.metadata, name: 'req-1', uid: 'c2' } };
    const turned = lived([
      [-180, [request()]],
      [-100, [rejected]],
      [0, [rejected, migration]],
    ]);
    expect(turned).toMatchObject({ answer: { decision: 'Approved' } });
    expect(turned?.ceased).toBeUndefined();
  });

  it('ceases them after silence, which counts only where the offer was there for 90 days and lacks his word alone', () => {
    expect(
      lived([
        [-180, [request()]],
        [0, [request()]],
      ]),
    ).toMatchObject({ answer: { decision: 'Silent' }, ceased: '2028-06-10T00:00:00Z' });
    expect(
      lived([
        [-10, [request()]],
        [79, [request()]],
      ])?.ceased,
      'an offer that came late',
    ).toBeUndefined();
    expect(
      lived([
        [-10, [request()]],
        [80, [request()]],
      ])?.ceased,
    ).toBe('2028-08-29T00:00:00Z');
    const byProvider = request([word('Reject', days(-20), { party: 'Provider' })], 'Rejected');
    const notJudged = { ...request(), status: {} } as ChangeRequest;
    for (const [what, became] of [
      ['rejected by the provider', [byProvider]],
      ['not judged', [notJudged]],
      ['gone', []],
    ] as const)
      expect(
        lived([
          [-180, [request()]],
          [0, became],
        ])?.ceased,
        what,
      ).toBeUndefined();
  });

  it('stays on record when the change is gone, and begins anew with another system', () => {
    const rejected = request([word('Reject', days(-100))], 'Rejected');
    const passes = [
      [-180, [request()]],
      [0, [rejected]],
      [400, []],
    ] as const;
    const record = lived(passes);
    expect(record).toMatchObject({ answer: { decision: 'Rejected' }, ceased: '2028-06-10T00:00:00Z' });
    const later = operatingSystemOf({ lifeCycle: { endOfSupport: '2030-06-30' } });
    const other = { ...later, metadata: { name: 'debian-14' } };
    expect(systemEnd(vm(record), { operatingSystem: other, changeRequests: [] }, days(400)).record).toBeUndefined();
    expect(
      systemEnd(vm(record), { operatingSystem: undefined, changeRequests: [] }, days(400)).record,
      'not read',
    ).toEqual(record);
  });

  it('takes no change for the offer that Steward did not make for this very VM', () => {
    const foreign = request([word('Reject', days(-100))], 'Rejected', { requestedBy: 'eve' });
    const another = request([word('Reject', days(-100))], 'Rejected', {
      target: { kind: 'ManagedVM', name: 'shop-db', uid: 'other' },
    });
    for (const change of [foreign, another])
      expect(
        lived([
          [-180, [change]],
          [0, [change]],
        ])?.offered,
      ).toBeUndefined();
  });

  it('is told step by step, each once, and the sum of promises says that none counts any more', () => {
    const rejected = request([word('Reject', days(-100))], 'Rejected');
    const offered = lived([[-180, [request()]]]);
    const ceased = lived([
      [-180, [request()]],
      [0, [rejected]],
    ]);
    expect(endNews(undefined, offered).map(({ reason }) => reason)).toEqual(['MigrationOffered']);
    expect(endNews(offered, ceased).map(({ reason }) => reason)).toEqual([
      'SupportReminder',
      'OfferRejected',
      'ServicesCeased',
    ]);
    expect(endNews(ceased, ceased)).toEqual([]);
    expect(toldOfEnd(ceased)).toMatch(
      /offers a migration since .* anna has rejected it .* ceased since 2028-06-10T00:00:00Z \(GE-12\)\.$/,
    );
    expect(ceasedSum(offered)).toBeUndefined();
    expect(ceasedSum(ceased)).toMatchObject({ status: 'Unknown', reason: 'ServicesCeased' });
  });

  it('looks again when time alone changes what holds', () => {
    const next = (day: number, changes: readonly ChangeRequest[] = []) =>
      systemEnd(vm(), { operatingSystem: debian, changeRequests: changes }, days(day)).nextEdge?.toISOString();
    expect(next(-400)).toBe(days(-180).toISOString());
    expect(next(-180, [request()])).toBe(days(-90).toISOString());
    expect(next(-60, [request()])).toBe(days(0).toISOString());
    expect(next(-10, [request()])).toBe(days(0).toISOString());
    expect(next(1, [request()])).toBe(days(91).toISOString());
  });
});
