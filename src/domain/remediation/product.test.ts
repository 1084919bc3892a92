import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { Forbidding, ProductRemediation } from '../../api/productremediation.ts';
import type { ChangeRemedy } from '../../api/remedy.ts';
import { applicationAlerts } from '../application/alerts.ts';
import { product } from '../application/product.fixtures.ts';
import { LADDER } from '../application/remediation.fixtures.ts';
import { PROBE_ALERT_MINUTES } from '../contract/laddertrigger.ts';
import { NOT_TO_BE_DONE } from '../contract/stewardchange.ts';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { calendarOf } from '../time/calendar.fixtures.ts';
import { remedyChange } from './change.ts';
import { decideRemedy } from './decide.ts';
import type { Decision } from './decision.ts';
import type { OfProduct, RemedyFacts, Trouble } from './facts.ts';
import type { Surroundings } from './guards.ts';
import { REACHED } from './reached.fixtures.ts';
import { stepsOf } from './steps.ts';

const CORE = calendarOf();
/** A Tuesday, 11:00 and 23:00 in Berlin. */
const DAY = new Date('2026-12-01T10:00:00Z');
const NIGHT = new Date('2026-12-01T22:00:00Z');
const MINUTE = 60_000;
const since = (minutes: number, from = DAY) => new Date(from.getTime() + minutes * MINUTE);

/** Of what is looked at from outside of the guest nothing is so. */
const CLEAR = { WindowOpen: false, RunActive: false, RestoreInProgress: false, OtherApplicationHealthy: false };
const UNIT = 'postgresql@17-main.service';
const APPLICATION = { name: 'orders', uid: 'app-1' };

const trouble = (more: Partial<Trouble> = {}): Trouble => ({
  ...{ name: 'inc-1', uid: '1111aaaa-1', subject: 'ManagedApplication', alert: 'ManagedApplicationProbeFailed' },
  ...{ labels: new Map([['probe', 'transaction']]), since: DAY, verdict: 'Proven', isOpen: true, scope: 'Application' },
  ...{ plan: 'monitoring', billing: 'Included', calendar: undefined, person: undefined, called: false },
  ...more,
});
const of = (more: Partial<OfProduct> = {}): OfProduct => ({
  ...{ application: APPLICATION, level: 'Expert', line: '17', product: 'postgresql' },
  ...{ ladder: ProductRemediation.parse(LADDER), forbidding: CLEAR, called: [] },
  ...more,
});
const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  ...{ mendsInside: true, thresholds: { warning: 80, critical: 90 }, restores: [], changes: [], crowds: [] },
  ...more,
});
const vm = (status: ManagedVM['status'] = {}): ManagedVM => ({
  ...managedVM({ services: ['ssh'] }),
  status: { conditions: [REACHED], ...status },
});
const facts = (more: Partial<RemedyFacts> = {}): RemedyFacts => ({
  ...{ trouble: trouble({ since: more.now ?? DAY }), managedVM: vm(), product: of(), remedies: [] },
  ...{ surroundings: around(), now: DAY },
  ...more,
});
const said = (decision: Decision): string =>
  decision.act === 'Remedy' ? decision.wanted.remedy.rung : decision.act === 'None' ? decision.why : decision.act;
const decided = (more: Partial<RemedyFacts> = {}): string => said(decideRemedy(facts(more)));

/** The change of a decision, as it stands with that result. */
function made(decision: Decision, at: Date, outcome?: 'Succeeded' | 'Failed' | 'Cancelled', notes = 'Done.') {
  if (decision.act !== 'Remedy') throw new Error(`${said(decision)} is no remedy`);
  const change = remedyChange(decision.wanted, vm(), 'monitoring', at);
  const result = { outcome: outcome ?? 'Failed', finishedAt: at.toISOString(), by: 'steward', notes } as const;
  return {
    ...change,
    metadata: { ...change.metadata, uid: `${at.getTime()}`, creationTimestamp: at.toISOString() },
    spec: { ...change.spec, ...(outcome && { result }) },
  } as ChangeRequest;
}
const remedyIn = (decision: Decision): Partial<ChangeRemedy> =>
  decision.act === 'Remedy' ? decision.wanted.remedy : {};

/** As the incident is when it is opened: at Basic no times are promised, at Advanced they run in core hours. */
const AT_LEVEL: Readonly<Record<ApplicationLevel, Partial<Trouble>>> = {
  Basic: { plan: undefined, billing: 'ByEffort' },
  Advanced: { calendar: CORE },
  Expert: {},
};
const HOURS = [
  ['core hours', DAY],
  ['the night', NIGHT],
] as const;
const ENTITLED: Readonly<Record<ApplicationLevel, readonly [string | undefined, string | undefined]>> = {
  Basic: ['NotIncluded', 'NotIncluded'],
  Advanced: [undefined, 'Queued'],
  Expert: [undefined, undefined],
};

/** What each rung waits for, without the others of its ladder; and the person. */
const RUNGS = ProductRemediation.parse([
  { ...LADDER[1], name: 'reload', action: 'Reload' },
  ...LADDER.filter(({ name }) => name === 'restart' || name === 'reboot'),
]);
const [PERSON] = ProductRemediation.parse(LADDER.filter(({ name }) => name === 'person'));

describe('AP-3, AP-4, GE-3: what each level does at which hour by each rung, with each reason against it', () => {
  const table = ApplicationLevel.options.flatMap(level =>
    HOURS.flatMap(([hour, now], at) =>
      RUNGS.flatMap(rung =>
        [undefined, ...Forbidding.options].flatMap(against =>
          (against === undefined ? [false] : [true, undefined]).map(is => {
            const isOutside = against !== undefined && against in CLEAR;
            const isForbidden = isOutside && rung.forbiddenWhen?.includes(against) === true;
            const wanted = ENTITLED[level][at] ?? (isForbidden ? 'Person' : rung.name);
            return { level, hour, now, rung, against: against ?? 'nothing', is, wanted };
          }),
        ),
      ),
    ),
  );

  it.each(table)('$level, $hour, $rung.name, $against is $is: $wanted', ({ level, now, rung, against, is, wanted }) => {
    const forbidding = { ...CLEAR, ...(against in CLEAR && { [against]: is }) };
    const ladder = [rung, ...(PERSON ? [PERSON] : [])];
    expect(
      decided({
        trouble: trouble({ ...AT_LEVEL[level], since: now }),
        product: of({ level, ladder, forbidding }),
        now,
      }),
    ).toBe(wanted);
  });

  it('what only the guest can tell is asked there, in the same step, and a VM is not restarted before', () => {
    for (const rung of RUNGS) {
      const remedy = remedyIn(decideRemedy(facts({ product: of({ ladder: [rung] }) })));
      expect(remedy.unless).toEqual(['EngineRecovering', 'DiskFull']);
      expect(remedy.probe).toEqual({ application: 'orders', name: 'transaction' });
      expect(remedy.action).toBe(rung.action === 'RestartVM' ? 'Look' : rung.action);
    }
  });

  it('what was found at night is taken up with the next core hour, and by the level of now where that is Basic', () => {
    const queued = trouble({ calendar: CORE, since: NIGHT });
    const product = of({ level: 'Advanced' });
    expect(decideRemedy(facts({ trouble: queued, product, now: NIGHT }))).toMatchObject({
      ...{ why: 'Queued', nextEdge: new Date('2026-12-02T08:00:00Z') },
    });
    expect(decided({ trouble: queued, product, now: new Date('2026-12-02T08:00:00Z') })).toBe('restart');
    expect(decided({ product: of({ level: 'Basic' }) })).toBe('NotIncluded');
  });

  it.each<[string, Partial<RemedyFacts>, string]>([
    ['is not proven', { trouble: trouble({ verdict: 'Unproven' }) }, 'NotProven'],
    ['is over', { trouble: trouble({ isOpen: false }) }, 'Over'],
    ['a person has taken up', { trouble: trouble({ person: 'kim' }) }, 'PersonAtWork'],
    ['is of an application that is gone', { product: undefined }, 'Gone'],
    ['is of one whose VM is gone', { managedVM: undefined }, 'Gone'],
    ['its Product declares no ladder for', { product: of({ ladder: [] }) }, 'Person'],
    ['no rung is for', { trouble: trouble({ alert: 'ManagedApplicationBudgetBurning' }) }, 'Person'],
    ['is of another probe', { trouble: trouble({ labels: new Map([['probe', 'listens']]) }) }, 'Person'],
    ['is found while another remedy runs on the VM', { remedies: [made(decideRemedy(facts()), DAY)] }, 'UnderWay'],
    ['is found while the VM is restored', { surroundings: around({ restores: ['r'] }) }, 'Guarded'],
  ])('no rung is taken where it %s', (_, more, answer) => {
    expect(decided(more)).toBe(answer);
  });
});

describe('AP-3: the ladder of a Product, one rung after the other', () => {
  /** One after the other, each with that result, until something else is said. */
  function course(outcome: 'Succeeded' | 'Failed' | 'Cancelled', more: Partial<RemedyFacts> = {}) {
    const told: string[] = [];
    const remedies: ChangeRequest[] = [];
    let now = DAY;
    for (let pass = 0; pass < 60; pass++) {
      const decision = decideRemedy(facts({ trouble: trouble(), ...more, remedies, now }));
      if (decision.act === 'Remedy') {
        told.push(decision.wanted.remedy.action);
        remedies.push(made(decision, now, outcome));
      } else if (decision.act === 'Person') return { told, remedies, now, message: decision.message };
      else now = decision.nextEdge ?? expect.fail(`${decision.why}: ${decision.message}`);
    }
    return expect.fail(`${told.join(', ')} has no end`);
  }

  it('is climbed with its limits and cooldowns, and ends with a person', () => {
    const { told, remedies } = course('Succeeded');
    expect(told).toEqual(['RestartUnit', 'RestartUnit', 'RestartUnit', 'Look', 'RestartGuest']);
    const minutes = remedies.map(({ spec }) => (Date.parse(spec.result?.finishedAt ?? '') - DAY.getTime()) / MINUTE);
    expect(minutes).toEqual([0, 5, 10, 15, 15]);
  });

  it('does not restart a VM whose guest says that it would do harm, nor one that nobody gets into', () => {
    expect(course('Cancelled').told).toEqual(['RestartUnit', 'RestartUnit', 'RestartUnit', 'Look']);
    const unreachable = { type: 'GuestReachable', status: 'False', reason: 'LoginRefused', message: '' };
    const status = { conditions: [{ ...unreachable, lastTransitionTime: '' }] } as ManagedVM['status'];
    expect(course('Succeeded', { managedVM: vm(status) }).told).toEqual([]);
  });

  it('takes the word of a guest for five minutes, and for that incident alone', () => {
    const product = of({ ladder: RUNGS.filter(({ name }) => name === 'reboot') });
    const look = made(decideRemedy(facts({ product })), DAY, 'Succeeded');
    const next = (minutes: number, more: Partial<Trouble> = {}) =>
      remedyIn(decideRemedy(facts({ trouble: trouble(more), product, remedies: [look], now: since(minutes) }))).action;
    expect([next(4), next(5), next(4, { uid: '2222bbbb-2' })]).toEqual(['RestartGuest', 'Look', 'Look']);
    const often = product.ladder.map(rung => ({ ...rung, maxPer: { count: 3, hours: 1 }, cooldownMinutes: 1 }));
    const forbidden = made(decideRemedy(facts({ product })), DAY, 'Cancelled');
    const asked = { product: of({ ladder: often }), remedies: [forbidden], now: since(2) };
    expect(remedyIn(decideRemedy(facts({ trouble: trouble(), ...asked }))).action).toBe('Look');
  });

  it('calls a person at once for a unit that is masked: a restart of the VM would not help', () => {
    const notes = `${NOT_TO_BE_DONE}: ${UNIT} is masked.`;
    const vain = made(decideRemedy(facts()), DAY, 'Cancelled', notes);
    expect(decideRemedy(facts({ remedies: [vain], now: since(1) }))).toEqual({
      act: 'Person',
      message: `${notes} A person is needed.`,
    });
  });

  it('counts what the ladder of the operating system did to the same unit, and a restart of the VM by whomever', () => {
    const restarted = made(decideRemedy(facts()), DAY, 'Succeeded');
    const byOther = (action: ChangeRemedy['action'], uid: string): ChangeRequest => {
      const { application: _, ...remedy } = restarted.spec.remedy ?? expect.fail('no remedy');
      const unit = action === 'RestartService' ? { unit: 'postgresql@17-main' } : {};
      const change = { ...remedy, ...unit, action, rung: 'service', alert: 'ManagedVMServiceNotRunning' };
      return { ...restarted, metadata: { ...restarted.metadata, uid }, spec: { ...restarted.spec, remedy: change } };
    };
    expect(decided({ remedies: [byOther('RestartService', 'a')], now: since(4) })).toBe('Cooldown');
    const thrice = ['a', 'b', 'c'].map(uid => byOther('RestartService', uid));
    expect(decided({ remedies: thrice, now: since(20) })).toBe('reboot');
    expect(decided({ remedies: [...thrice, byOther('RestartGuest', 'd')], now: since(20) })).toBe('Person');
  });

  it('leaves a person alone who was called for another incident of the application', () => {
    expect(decided({ product: of({ called: [DAY] }), now: since(239) })).toBe('Cooldown');
    expect(decided({ product: of({ called: [DAY] }), now: since(240) })).toBe('restart');
  });

  it('waits for what forbids until its person is due, or a window closes (AP-3)', () => {
    const person = { ...LADDER[3], trigger: { probes: ['transaction'], forMinutes: 15 } };
    const ladder = ProductRemediation.parse([LADDER[1], person]);
    const forbidding = { ...CLEAR, RunActive: true };
    const waits = (minutes: number, more: Partial<OfProduct> = {}) =>
      decideRemedy(facts({ trouble: trouble(), product: of({ ladder, forbidding, ...more }), now: since(minutes) }));
    // The alarm fires when the probe has failed for five minutes.
    expect(waits(0)).toMatchObject({ why: 'Waiting', nextEdge: since(10) });
    expect(waits(0, { until: since(3) })).toMatchObject({ why: 'Waiting', nextEdge: since(3) });
    expect(waits(10)).toMatchObject({ act: 'Person' });
  });

  it('reckons from the instant from which the probe failed, as the rule of the alarm does (AP-11)', () => {
    const watched = { namespace: 'a', vm: 'v', application: 'o', level: 'Basic', productName: 'p' } as const;
    const rule = applicationAlerts({ ...watched, product: product({}).spec }).find(
      ({ alert }) => alert === 'ManagedApplicationProbeFailed',
    );
    expect(rule?.for).toBe(`${PROBE_ALERT_MINUTES}m`);
  });

  it('has an end whatever comes of its rungs and however often it is asked (MO-13)', () => {
    const outcome = fc.constantFrom('Succeeded' as const, 'Failed' as const, 'Cancelled' as const);
    fc.assert(
      fc.property(outcome, fc.subarray(Object.keys(CLEAR)), (result, forbidden) => {
        const forbidding = { ...CLEAR, ...Object.fromEntries(forbidden.map(each => [each, true])) };
        const { now } = course(result, { product: of({ forbidding }) });
        expect(now.getTime()).toBeLessThanOrEqual(since(60).getTime());
      }),
    );
  });
});

describe('AP-3: a unit of an application that the order of the VM names, and that does not run', () => {
  const down = (more: Partial<Trouble> = {}) =>
    trouble({
      ...{ subject: 'ManagedVM', alert: 'ManagedVMServiceNotRunning' },
      labels: new Map([['service', 'postgresql@17-main']]),
      ...more,
    });
  const machine: ManagedVM = { ...managedVM({ services: ['postgresql@17-main'] }), status: { conditions: [REACHED] } };
  const asked = (more: Partial<RemedyFacts> = {}) =>
    decideRemedy(facts({ trouble: down(), managedVM: machine, ...more }));

  it('is started only where its Product has nothing against it, which the guest is asked too', () => {
    expect(remedyIn(asked())).toMatchObject({
      ...{ action: 'RestartService', unless: ['EngineRecovering', 'DiskFull'], application: APPLICATION },
    });
    const { RunActive: _, ...unknown } = CLEAR;
    for (const forbidding of [{ ...CLEAR, RunActive: true }, unknown])
      expect(said(asked({ product: of({ forbidding }) }))).toBe('Person');
    expect(said(asked({ product: of({ level: 'Basic' }) }))).toBe('NotIncluded');
  });

  it('was restarted where the ladder of its application has restarted it', () => {
    const once = made(decideRemedy(facts()), DAY, 'Succeeded');
    expect(said(asked({ remedies: [once], now: since(5) }))).toBe('Cooldown');
    expect(said(asked({ remedies: [once], now: since(10) }))).toBe('service');
  });
});

describe('GE-6: what is written of it', () => {
  it('is a Standard change of the VM that says for which application, and what it has against it', () => {
    const { spec } = made(decideRemedy(facts()), DAY);
    expect(spec).toMatchObject({
      ...{ class: 'Standard', operation: 'Remedy', target: { kind: 'ManagedVM' } },
      remedy: { action: 'RestartUnit', unit: UNIT, application: APPLICATION, waitMinutes: 5 },
      preApprovedBy: { kind: 'ServicePlan', name: 'monitoring' },
    });
    expect(spec.plan[0]).toBe('It is not done while the guest says, or cannot say, EngineRecovering or DiskFull.');
  });

  it('a look that finds nothing against it has succeeded, and the sensor judges what follows within the time of the rung', () => {
    const told = (change: ChangeRequest, minutes: number) =>
      stepsOf({
        ...{ uid: trouble().uid, remedies: [change], ended: [], before: [], isDryRun: false, now: since(minutes) },
        decision: { act: 'None', why: 'Over', message: '' },
      }).map(({ action, outcome }) => `${action} ${outcome}`);
    const reboot = of({ ladder: RUNGS.filter(({ name }) => name === 'reboot') });
    expect(told(made(decideRemedy(facts({ product: reboot })), DAY, 'Succeeded'), 1)).toEqual(['Look Succeeded']);
    const restarted = made(decideRemedy(facts()), DAY, 'Succeeded');
    expect([told(restarted, 4), told(restarted, 5)]).toEqual([['RestartUnit Running'], ['RestartUnit Failed']]);
  });
});
