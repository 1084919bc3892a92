import { describe, expect, it } from 'vitest';
import { type ChangeRequest, ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import { application, product } from '../application/product.fixtures.ts';
import { lineChangePrefix, lineOfferName } from '../change/linechange.ts';
import type { ApplicationPlan, PlanStep } from '../contract/applicationplan.ts';
import { type LineFacts, type LineFound, lineDecision } from './linedecision.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const on = [{ name: 'debian-13' }];
const entry = product({
  lines: [
    { name: '15', endOfSupport: '2027-11-11', operatingSystems: on },
    { name: '17', endOfSupport: '2029-11-08', operatingSystems: on },
    { name: '16', endOfSupport: '2026-11-30', operatingSystems: on },
    { name: '18', endOfSupport: '2030-11-14', operatingSystems: [{ name: 'debian-14' }] },
    { name: '19', endOfSupport: '2031-11-14', operatingSystems: on },
  ],
  upgradePaths: [{ from: '15', to: '17', engine: 'PostgreSQL', expectedMinutes: 20 }],
});

type Status = NonNullable<ManagedApplication['status']>;
const order = (nextLine: string | undefined, lineChange?: Status['lineChange'], line?: string): ManagedApplication => ({
  ...application({ line: '15', ...(nextLine && { nextLine }) }),
  status: { ...(line && { line }), ...(lineChange && { lineChange }) },
});

/** The change as it is stored. */
function stored(change: Partial<ChangeRequestSpec> = {}, agreed: 'True' | 'False' = 'True'): ChangeRequest {
  const made = lineDecision(order('17'), facts(), NOW).makes;
  if (made === undefined) throw new Error('no change was made');
  const conditions = [{ type: 'Agreed', status: agreed, reason: agreed === 'True' ? 'Agreed' : 'AwaitingAgreement' }];
  return {
    ...made,
    metadata: { ...made.metadata, uid: 'c1', generation: 1 },
    spec: { ...made.spec, ...change },
    status: { observedGeneration: 1, conditions },
  } as unknown as ChangeRequest;
}

const facts = (change: Partial<LineFacts> = {}): LineFacts => ({
  ...{ product: entry.spec, system: 'debian-13', operatingSystem: undefined, change: undefined },
  ...{ told: undefined, found: undefined, isOpen: false, ...change },
});
const told = (type: 'lineCheck' | 'lineChange' | 'lineRetire', change = 'c1') =>
  ({ steps: [{ type, change } as PlanStep] }) as unknown as ApplicationPlan;
const found = (phase: LineFound['phase'], checks = ''): LineFound => ({ checks, ...(phase && { phase }) });

const named = { name: stored().metadata.name, uid: 'c1' };
const at = (phase: NonNullable<Status['lineChange']>['phase']): NonNullable<Status['lineChange']> => ({
  ...{ from: '15', to: '17', phase, message: 'So far.', change: named },
});

describe('GE-11: the line of an application', () => {
  it.each<[string, ManagedApplication, string]>([
    ['that nobody wants changed', order(undefined), '15'],
    ['that is asked for as it is', order('15'), '15'],
    ['that an approved change has brought it to', order('17', at('Done'), '17'), '17'],
  ])('stays where it is: %s', (_, asked, line) => {
    expect(lineDecision(asked, facts(), NOW)).toMatchObject({ line, isSwitch: false });
  });

  it.each<[string, string, RegExp]>([
    ['one that there is not', '14', /PostgreSQL 14 is not offered\./],
    ['one of another system', '18', /not offered on debian-13; it takes a VM of its own/],
    ['one that has ended', '16', /ended at 2026-12-01T00:00:00Z .*GE-9/],
    ['one that no path leads to', '19', /no way from PostgreSQL 15 to 19.*GE-11/],
  ])('is not changed to %s, and says why', (_, to, message) => {
    const { status, part, makes } = lineDecision(order(to), facts(), NOW);
    expect(status).toMatchObject({ phase: 'NotPossible', message: expect.stringMatching(message) });
    expect([part, makes]).toEqual([undefined, undefined]);
  });

  it('asks for the agreement of both sides by a change that says all of it, once', () => {
    const { makes, status, line } = lineDecision(order('17'), facts(), NOW);
    expect(ChangeRequestSpec.safeParse(makes?.spec).error).toBeUndefined();
    expect(makes?.spec).toMatchObject({ class: 'Normal', operation: 'LineChange' });
    expect(makes?.spec.agreement?.parties.map(({ party }) => party)).toEqual(['Provider', 'Customer']);
    expect(makes?.metadata.name.startsWith(lineChangePrefix(order('17')))).toBe(true);
    expect([line, status?.phase]).toEqual(['15', 'Checked']);
    const next = lineDecision(order('17', at('Checked')), facts({ change: stored({}, 'False') }), NOW);
    expect(next.makes).toBeUndefined();
  });

  it('asks by a change whose name the API takes, however long the names of order and line are', () => {
    const long = '1234.1234.1234.1';
    const lines = ['15', long].map(name => ({ name, endOfSupport: '2029-11-08', operatingSystems: on }));
    const longest = product({
      lines,
      upgradePaths: [{ from: '15', to: long, engine: 'PostgreSQL', expectedMinutes: 20 }],
    });
    const { metadata, ...asked } = order(long);
    const named = { ...asked, metadata: { ...metadata, name: `orders.${'a'.repeat(33)}`, generation: 1_234_567 } };
    const { makes } = lineDecision(named, facts({ product: longest.spec }), NOW);
    expect(makes?.metadata.name.length).toBeLessThanOrEqual(63);
    expect(makes?.metadata.name).toMatch(new RegExp(`^${lineChangePrefix(named)}.*-1234567$`));
  });

  it.each<[string, Partial<LineFacts>, string, RegExp]>([
    ['nobody has looked', { told: undefined }, 'Agreed', /not been looked for/],
    ['both have not agreed', { change: stored({}, 'False'), isOpen: true }, 'Checked', /waits for agreement/],
    [
      'something stands against it',
      { found: found(undefined, 'room is short\nslots'), isOpen: true },
      'Agreed',
      /room is short; slots\./,
    ],
    ['no window is open', {}, 'Agreed', /waits for a window/],
    [
      'it was looked for another change',
      { told: told('lineCheck', 'other'), isOpen: true },
      'Agreed',
      /not been looked for/,
    ],
  ])('is only looked at in the guest while %s', (_, change, phase, message) => {
    const looked = { change: stored(), told: told('lineCheck'), found: found(undefined), ...change };
    const { part, status, line } = lineDecision(order('17', at('Checked')), facts(looked), NOW);
    expect([part?.act, line, status?.phase]).toEqual(['Check', '15', phase]);
    expect(status?.message).toMatch(message);
  });

  it('is changed when it is agreed to, checked, and in a window', () => {
    const given = { change: stored(), told: told('lineCheck'), found: found(undefined), isOpen: true };
    const decision = lineDecision(order('17', at('Agreed')), facts(given), NOW);
    expect(decision).toMatchObject({ line: '17', isSwitch: true, part: { act: 'Change', change: 'c1' } });
    expect(decision.status?.phase).toBe('Changing');
  });

  it.each<[string, ManagedApplication, Partial<LineFacts>]>([
    ['the window is over', order('17', at('Changing')), {}],
    ['it is not asked for any more', order(undefined, at('Changing')), {}],
    ['the change is gone', order('17', at('Changing')), { change: undefined }],
    ['the path is off the catalogue', order('17', at('Changing')), { product: product().spec }],
    [
      'the guest was not looked into since',
      order('17', at('Changing')),
      { told: told('lineCheck'), found: found('Done') },
    ],
  ])('once begun is brought to its end, though %s', (_, asked, change) => {
    const given = { change: stored(), told: told('lineChange'), found: found('Begun'), ...change };
    const decision = lineDecision(asked, facts(given), NOW);
    expect(decision).toMatchObject({
      line: '17',
      part: { act: 'Change', change: 'c1' },
      status: { phase: 'Changing' },
    });
  });

  it.each<[LineFound['phase'], string, string, string]>([
    ['Done', '17', 'Done', 'Succeeded'],
    ['Failed', '15', 'Failed', 'Failed'],
  ])('ends as the guest says: %s', (phase, line, said, outcome) => {
    const given = { change: stored(), told: told('lineChange'), found: found(phase) };
    const decision = lineDecision(order('17', at('Changing')), facts(given), NOW);
    expect(decision).toMatchObject({
      line,
      isSwitch: true,
      status: { phase: said },
      result: { outcome, by: 'steward' },
    });
    expect(decision.part).toBeUndefined();
    const again = { ...given, change: stored({ result: decision.result }) };
    expect(lineDecision(order('17', at('Changing')), facts(again), NOW).result).toBeUndefined();
  });

  it('GE-11: that has failed says by what, in the words of the guest', () => {
    const given = {
      change: stored(),
      told: told('lineChange'),
      found: found('Failed', 'the interface could not be closed\n'),
    };
    const { status } = lineDecision(order('17', at('Changing')), facts(given), NOW);
    expect(status?.message).toContain('The guest says: "the interface could not be closed".');
  });

  it('that failed or was refused is asked for anew only when it was taken out of the order before', () => {
    for (const phase of ['Failed', 'Refused'] as const) {
      expect(lineDecision(order('17', at(phase)), facts(), NOW)).toMatchObject({ line: '15', status: { phase } });
      expect(lineDecision(order(undefined, at(phase)), facts(), NOW).status).toBeUndefined();
    }
    const rejected = stored({ result: { outcome: 'Cancelled', finishedAt: '2026-12-01T00:00:00Z', by: 'kim' } });
    const decision = lineDecision(order('17', at('Agreed')), facts({ change: rejected, isOpen: true }), NOW);
    expect(decision.status).toMatchObject({ phase: 'Refused', message: expect.stringContaining('Cancelled') });
  });
});

describe('GE-11, GE-12: a line that is offered before the end of support', () => {
  const name = lineOfferName(order(undefined), '17');
  const request = (agreed: 'True' | 'False' = 'True', change: Partial<ChangeRequestSpec> = {}): ChangeRequest => {
    const { metadata, ...rest } = stored(change, agreed);
    return { ...rest, metadata: { ...metadata, name } };
  };
  const offer = (agreed: 'True' | 'False' = 'True') => ({ to: '17', request: request(agreed) });
  const byOffer = (phase: NonNullable<Status['lineChange']>['phase']) => ({
    ...at(phase),
    change: { name, uid: 'c1' },
  });
  const ready = { told: told('lineCheck'), found: found(undefined), isOpen: true };

  it('is looked at in the guest from the offer on, and never begun before both have agreed', () => {
    const first = lineDecision(order(undefined), facts({ ...ready, offer: offer('False') }), NOW);
    expect(first).toMatchObject({ line: '15', part: { act: 'Check', change: 'c1' }, status: { phase: 'Checked' } });
    expect([first.status?.change, first.makes]).toEqual([{ name, uid: 'c1' }, undefined]);
  });

  it('is changed by the approved offer alone, exactly as by spec.nextLine, and brought to its end', () => {
    const given = { ...ready, offer: offer(), change: request() };
    const begun = lineDecision(order(undefined, byOffer('Agreed')), facts(given), NOW);
    expect(begun).toMatchObject({ line: '17', part: { act: 'Change', change: 'c1' }, status: { phase: 'Changing' } });
    const ended = { change: request(), told: told('lineChange'), found: found('Done') };
    const done = lineDecision(order(undefined, byOffer('Changing')), facts(ended), NOW);
    expect(done).toMatchObject({ line: '17', status: { phase: 'Done' }, result: { outcome: 'Succeeded' } });
  });

  it('that the order asks for too is one change', () => {
    for (const before of [undefined, byOffer('Checked')]) {
      const given = { offer: offer('False'), ...(before && { change: request('False') }) };
      const { makes, status } = lineDecision(order('17', before), facts(given), NOW);
      expect([makes, status?.change?.name]).toEqual([undefined, name]);
    }
  });

  it('that is not open any more is not looked at, and how it ended stays told', () => {
    expect(lineDecision(order(undefined, byOffer('Checked')), facts(), NOW)).toEqual({ line: '15', isSwitch: false });
    const { status, part } = lineDecision(order(undefined, byOffer('Failed')), facts(), NOW);
    expect([status?.phase, part]).toEqual(['Failed', undefined]);
  });

  it('is asked for anew by spec.nextLine once the offer has ended, and offered though the order was refused before', () => {
    const anew = lineDecision(order('17', byOffer('Failed')), facts(), NOW);
    expect(anew.makes?.metadata.name).not.toBe(name);
    expect(anew.status?.phase).toBe('Checked');
    const offered = lineDecision(order('17', at('Refused')), facts({ offer: offer('False') }), NOW);
    expect([offered.makes, offered.status?.change?.name]).toEqual([undefined, name]);
  });

  it('that is not possible any more says so, and not of the order', () => {
    const late = lineDecision(order(undefined), facts({ offer: offer(), product: product().spec }), NOW);
    expect(late.status).toMatchObject({
      phase: 'NotPossible',
      message: expect.stringMatching(/^What was offered is not possible any more: /),
    });
  });
});

describe('GE-13: the instance of the line of before', () => {
  const accepted = (decision: 'Accept' | 'Reject') =>
    stored({
      acceptance: { decision, by: 'anna' },
      result: { outcome: 'Succeeded', finishedAt: '2026-12-01T00:00:00Z', by: 'steward' },
    });

  it.each<[string, ChangeRequest | undefined, string | undefined]>([
    ['nobody has accepted', stored(), undefined],
    ['the customer has rejected', accepted('Reject'), undefined],
    ['the change is gone', undefined, undefined],
    ['the customer has accepted', accepted('Accept'), 'Retire'],
  ])('where %s: %3$s', (_, change, act) => {
    expect(lineDecision(order('17', at('Done'), '17'), facts({ change }), NOW).part?.act).toBe(act);
  });

  it('is gone when the guest says so, of the plan that asks for it', () => {
    const given = { change: accepted('Accept'), told: told('lineRetire'), found: found('Retired') };
    expect(lineDecision(order('17', at('Done'), '17'), facts(given), NOW).status?.retired).toBe(true);
    const early = { ...given, told: told('lineChange') };
    expect(lineDecision(order('17', at('Done'), '17'), facts(early), NOW).status?.retired).toBeUndefined();
    const gone = { ...at('Done'), retired: true };
    expect(lineDecision(order('17', gone, '17'), facts(given), NOW).part).toBeUndefined();
  });
});
