import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { FIRED, labels, NOW, own, RULES_UID, seenOf, settings, vm } from '../../domain/intake/intake.fixtures.ts';
import { alertsOf } from '../../domain/intake/merging.ts';
import { ownAlertNames } from '../../domain/intake/ownrules.ts';
import type { Labels, Pointer } from '../../domain/intake/pointer.ts';
import { holding, type SeenRule } from '../../domain/intake/seenrules.ts';
import { STORM } from '../../domain/intake/storm.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import { ManualClock } from '../../runtime/api/manualclock.ts';
import type { Evidence } from './evidence.ts';
import { Intake } from './intake.ts';
import { PlayedStock } from './playedstock.fixtures.ts';
import { Tally } from './tally.ts';

const DOWN = 'ManagedVMDown';
const FULL = 'ManagedVMFileSystemFull';

/** What Prometheus holds here: of each rule of ours the alerts, and what its expression gives. */
class PlayedPrometheus {
  alerts: readonly Labels[] = [];
  /** Alerts whose expression does not hold any more. */
  denied: readonly Labels[] = [];
  silent = false;
  /** VMs whose exporter is heard. */
  heard: readonly string[] = ['acme/shop-db'];

  evidence(): Evidence {
    const answer = <Value>(value: Value): Promise<Value> =>
      this.silent ? Promise.reject(new Error('it cannot be reached')) : Promise.resolve(value);
    const faces: Pick<Evidence, 'rules' | 'series' | 'uid' | 'heard'> = {
      rules: names => answer([...names].map(name => this.#rule(name))),
      series: expression => answer(this.#series(expression)),
      uid: async () => RULES_UID,
      heard: () => answer(new Set(this.heard)),
    };
    return faces as Evidence;
  }

  #rule(name: string): SeenRule {
    const rule = seenOf(own(name)[0], labels(name));
    const alerts = this.alerts.filter(each => each.get('alertname') === name);
    return holding(
      rule,
      alerts.map(each => ({ labels: each, firing: true, activeAt: FIRED })),
    );
  }

  #series(expression: string): readonly Labels[] {
    return this.alerts
      .filter(each => !this.denied.includes(each) && own(each.get('alertname') ?? '')[0]?.expression === expression)
      .map(each => new Map([...each].filter(([name]) => name !== 'alertname' && name !== 'severity')));
  }
}

let stock: PlayedStock;
let prometheus: PlayedPrometheus;
let tally: Tally;
let clock: ManualClock;
let intake: Intake;
const { signal } = new AbortController();

beforeEach(() => {
  stock = new PlayedStock();
  stock.subjects.set('acme/shop-db', vm());
  prometheus = new PlayedPrometheus();
  tally = new Tally();
  clock = new ManualClock(NOW);
  const names = new Set(ownAlertNames());
  const evidence = prometheus.evidence();
  const cluster = stock as unknown as ConstructorParameters<typeof Intake>[0]['stock'];
  const log = pino({ level: 'silent' });
  intake = new Intake({ stock: cluster, evidence, rules: settings, names, clock, log, tally });
});

function told(its: Labels, change: Partial<Pointer> = {}): Pointer {
  const pointer = { name: its.get('alertname') ?? '', firing: true, labels: its, startsAt: FIRED, endsAt: undefined };
  return { ...pointer, ...change };
}

describe('MO-14: the intake of alerts', () => {
  const down = labels(DOWN);

  it('opens one incident of an alert that is told often', async () => {
    prometheus.alerts = [down];
    await intake.settle([told(down), told(down)], signal);
    await intake.settle([told(down, { startsAt: NOW })], signal);
    expect(stock.incidents().map(({ spec }) => spec.alert?.name)).toEqual([DOWN]);
    expect([tally.Open, tally.Known]).toEqual([1, 2]);
  });

  it('is not done while Prometheus is silent, and opens nothing then', async () => {
    prometheus.alerts = [down];
    prometheus.silent = true;
    await expect(intake.settle([told(down)], signal)).rejects.toThrow('it cannot be reached');
    expect(stock.incidents()).toEqual([]);
    prometheus.silent = false;
    await intake.settle([told(down)], signal);
    expect(stock.incidents()).toHaveLength(1);
  });

  it('opens nothing for what is not proven, and is done with it', async () => {
    const denied = labels(FULL, { mountpoint: '/' });
    prometheus.alerts = [denied];
    prometheus.denied = [denied];
    stock.subjects.set('acme/quiet', vm({ serviceLevel: 'Admin' }, { name: 'quiet' }));
    await intake.settle(
      [
        told(down),
        told(denied),
        told(labels(DOWN, { managed_vm: 'quiet' })),
        told(labels(DOWN, { managed_vm: 'nobody' })),
        told(labels('SomebodyElses')),
      ],
      signal,
    );
    expect(stock.incidents()).toEqual([]);
    const reasons = ['NotFiring', 'SensorDenies', 'NotWatched', 'NoSuchSubject'] as const;
    expect(reasons.map(reason => tally.unprovenOf(reason))).toEqual([1, 1, 1, 1]);
    expect(tally.foreign).toBe(1);
  });

  it('writes what it can where a write is refused, and is not done before all of it is written', async () => {
    const root = labels(FULL, { mountpoint: '/' });
    prometheus.alerts = [down, root];
    stock.refusals = [new ApiError(500, 'InternalError', 'not now')];
    await expect(intake.settle([told(down), told(root)], signal)).rejects.toThrow('not now');
    await intake.settle([told(down), told(root)], signal);
    expect(stock.incidents()).toHaveLength(2);
  });

  it('does not wait for an incident that another process wrote first, or whose namespace goes', async () => {
    prometheus.alerts = [down];
    const details = { causes: [{ reason: 'NamespaceTerminating' }] };
    stock.refusals = [new ApiError(403, 'Forbidden', 'the namespace is being terminated', { details })];
    await intake.settle([told(down)], signal);
    stock.refusals = [new ApiError(409, 'AlreadyExists', 'there is one')];
    await intake.settle([told(down)], signal);
  });

  it('ends an incident where message and rule agree, and not by the message alone', async () => {
    prometheus.alerts = [down];
    await intake.settle([told(down)], signal);
    const over = told(down, { firing: false, endsAt: NOW });
    await intake.settle([over], signal);
    expect([stock.incidents()[0]?.spec.signals, tally.stillFiring]).toEqual([undefined, 1]);
    prometheus.alerts = [];
    await intake.settle([over], signal);
    expect(stock.incidents()[0]?.spec.signals).toEqual([{ at: '2026-11-30T12:00:00Z', firing: false }]);
  });

  it('ends nothing while the guest is silent: that its sensors say nothing mends nothing', async () => {
    const full = labels(FULL, { mountpoint: '/' });
    prometheus.alerts = [full];
    await intake.settle([told(full)], signal);
    prometheus.alerts = [];
    prometheus.heard = [];
    await intake.settle([told(full, { firing: false, endsAt: NOW })], signal);
    await intake.sweep(stock.incidents(), () => true, signal);
    expect([stock.incidents()[0]?.spec.signals, tally.stillFiring]).toEqual([undefined, 1]);
    prometheus.heard = ['acme/shop-db'];
    await intake.sweep(stock.incidents(), () => true, signal);
    expect(stock.incidents()[0]?.spec.signals).toHaveLength(1);
  });

  it('ends what is about a VM that is powered off as ordered, which has nothing to say', async () => {
    const full = labels(FULL, { mountpoint: '/' });
    prometheus.alerts = [full];
    await intake.settle([told(full)], signal);
    prometheus.alerts = [];
    prometheus.heard = [];
    stock.subjects.set('acme/shop-db', vm({ powerState: 'Stopped' }));
    await intake.settle([told(full, { firing: false, endsAt: NOW })], signal);
    expect(stock.incidents()[0]?.spec.signals).toHaveLength(1);
  });

  it('ends without a message what two comparisons have not found any more', async () => {
    prometheus.alerts = [down];
    await intake.settle([told(down)], signal);
    const seen: string[] = [];
    const sweep = (isOver: boolean) =>
      intake.sweep(
        stock.incidents(),
        ({ metadata }) => {
          seen.push(metadata.name);
          return isOver;
        },
        signal,
      );
    await sweep(true);
    expect(seen).toEqual([]);
    prometheus.alerts = [];
    await sweep(false);
    expect([seen.length, stock.incidents()[0]?.spec.signals]).toEqual([1, undefined]);
    await sweep(true);
    expect(stock.incidents()[0]?.spec.signals).toHaveLength(1);
  });

  it('ends what is about a VM that is gone', async () => {
    prometheus.alerts = [down];
    await intake.settle([told(down)], signal);
    stock.subjects.clear();
    await intake.sweep(stock.incidents(), () => true, signal);
    expect(stock.incidents()[0]?.spec.signals).toHaveLength(1);
  });

  it('puts alerts about one system together in a storm, each in exactly one incident', async () => {
    const all = Array.from({ length: STORM + 40 }, (_, index) => labels(FULL, { mountpoint: `/mnt/${index}` }));
    prometheus.alerts = all;
    expect(intake.storm).toBe(false);
    await intake.settle(
      all.map(each => told(each)),
      signal,
    );
    expect(intake.storm).toBe(true);
    await intake.settle(
      all.map(each => told(each)),
      signal,
    );
    const kept = stock
      .incidents()
      .flatMap(alertsOf)
      .map(({ fingerprint }) => fingerprint);
    expect([kept.length, new Set(kept).size, stock.incidents().length]).toEqual([all.length, all.length, STORM + 1]);
  });
});
