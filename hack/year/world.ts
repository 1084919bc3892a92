/** The world of the year: systems, what was agreed on them, and the parts that all who act in it share. */
import { ContractSpec } from '../../src/api/contract.ts';
import { ServiceCalendarSpec } from '../../src/api/servicecalendar.ts';
import { ServicePlanSpec } from '../../src/api/serviceplan.ts';
import { planRevision } from '../../src/domain/contract/planrevision.ts';
import type { Window } from '../../src/domain/patching/window.ts';
import { windowOf } from '../../src/domain/patching/windows.ts';
import type { KubeObject } from '../../src/runtime/api/object.ts';
import {
  FEES,
  HOUR,
  LEVELS,
  type Level,
  PATCH_RUN,
  RECOVERY_POINT_HOURS,
  SECOND_PRICES_FROM,
  TIMES,
} from './agreed.ts';
import { type Diary, emptyDiary, type PlainWindow, type SystemAct, type SystemDiary } from './diary.ts';
import { Dice } from './dice.ts';
import { Records } from './records.ts';
import { Simulation } from './simulation.ts';

export const apiVersion = 'managed.systems/v1alpha1';
export const CONTRACTS = ['acme', 'blue'] as const;

export type System = {
  readonly uid: string;
  readonly name: string;
  readonly contract: (typeof CONTRACTS)[number];
  readonly window: string;
  level: Level;
  isOn: boolean;
  isSetUp: boolean;
  isGone: boolean;
  /** Until when nobody gets into the guest. */
  lost: number;
  /** Updates that wait for a window. */
  updates: number;
  boot: number;
  hasRecoveryPoint: boolean | undefined;
  /** Names of the PatchRuns that were ever begun. */
  readonly runs: Set<string>;
  readonly diary: SystemDiary;
};

export type YearOptions = {
  readonly seed: number;
  readonly systems: number;
  readonly days: number;
  readonly year: number;
};

export class World {
  readonly options: YearOptions;
  readonly dice: Dice;
  readonly simulation: Simulation;
  readonly records = new Records();
  readonly diary: Diary;
  readonly windows: ReadonlyMap<string, Window>;
  readonly systems: System[] = [];
  readonly plans: ReadonlyMap<string, ServicePlanSpec>;
  readonly calendars: ReadonlyMap<string, ServiceCalendarSpec>;
  readonly contracts: ReadonlyMap<string, ContractSpec>;
  #count = 0;

  constructor(options: YearOptions) {
    this.options = options;
    this.dice = new Dice(options.seed);
    this.simulation = new Simulation(new Date(`${options.year - 1}-12-31T23:00:00Z`));
    const plain = plainWindows(options.year);
    this.diary = emptyDiary(plain);
    this.windows = new Map(plain.map(each => [each.name, windowFrom(each)]));
    this.calendars = calendars();
    this.plans = plansOf(options.year);
    this.contracts = new Map(CONTRACTS.map((name, index) => [name, contractSpec(name, index, options.year)]));
  }

  get now(): Date {
    return this.simulation.now;
  }

  get seconds(): number {
    return this.now.getTime() / 1000;
  }

  uid(of: string): string {
    this.#count += 1;
    return `${of}-${String(this.#count).padStart(6, '0')}`;
  }

  /** A fault, so that it can be told how many there were. */
  fault(what: string, share: number): boolean {
    const happens = this.dice.chance(share);
    if (happens) this.diary.faults.set(what, (this.diary.faults.get(what) ?? 0) + 1);
    return happens;
  }

  /** Recorded some seconds later, as the writer does; now and then it is ended and looks again. */
  record(contract: string, object: KubeObject): void {
    const copy = structuredClone(object);
    const { conditions = [] } = (object.status ?? {}) as {
      conditions?: readonly { reason: string; message?: string }[];
    };
    const invalid = conditions.find(({ reason }) => reason.startsWith('Invalid'));
    if (invalid !== undefined) throw new Error(`the year has made what nobody would be let make: ${invalid.message}`);
    const stream = contract === 'cluster' ? 'cluster' : `contract-${contract}`;
    this.records.seen(stream, copy, this.now);
    if (this.fault('the record writer was ended, and has looked again', 0.01))
      this.records.seen(stream, copy, this.now);
  }

  recordSystem(system: System): void {
    const { uid, name, contract, level, isOn, isSetUp, hasRecoveryPoint } = system;
    const conditions = [
      { type: 'Provisioned', status: isSetUp ? 'True' : 'False', reason: isSetUp ? 'Provisioned' : 'Provisioning' },
      ...(hasRecoveryPoint === undefined
        ? []
        : [
            {
              type: 'BackupCompliant',
              status: hasRecoveryPoint ? 'True' : 'False',
              reason: hasRecoveryPoint ? 'Compliant' : 'RPOMissed',
            },
          ]),
    ];
    this.record(contract, {
      ...{ apiVersion, kind: 'ManagedVM', metadata: { name, namespace: contract, uid } },
      spec: { serviceLevel: level, powerState: isOn ? 'Running' : 'Stopped', operatingSystem: 'debian-13' },
      status: { state: isOn ? 'Running' : 'Stopped', conditions },
    });
  }

  did(system: System, act: Omit<SystemAct, 'at'>): void {
    system.diary.acts.push({ at: this.seconds, ...act });
  }

  /** Contracts, plans and calendars, as they stand from the first day on. */
  begin(): void {
    const on = (level: Level, half: 0 | 1) => planName(level, half);
    for (const [name, spec] of this.plans)
      this.record('cluster', {
        ...{ apiVersion, kind: 'ServicePlan', metadata: { name, uid: `plan-${name}` }, spec },
        status: { revision: planRevision(spec) },
      });
    for (const [name, spec] of this.contracts) {
      const plans = spec.plans.map(each => ({ ...each, revision: planRevision(this.plan(each.plan)) }));
      this.record(name, {
        apiVersion,
        kind: 'Contract',
        metadata: { name, uid: `contract-${name}` },
        spec,
        status: { plans },
      });
    }
    if (on('Admin', 0) === on('Admin', 1)) throw new Error('two plans of one name');
  }

  plan(name: string): ServicePlanSpec {
    const spec = this.plans.get(name);
    if (spec === undefined) throw new Error(`no plan ${name}`);
    return spec;
  }
}

export function planName(level: Level, half: 0 | 1): string {
  return `${level.toLowerCase()}-${half === 0 ? 'first' : 'second'}`;
}

const amount = (cents: number) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
const time = (minutes: number) => `${minutes}m`;

function plansOf(year: number): ReadonlyMap<string, ServicePlanSpec> {
  const priorities = Object.fromEntries(
    Object.entries(TIMES).map(([name, [response, resolution]]) => [
      name,
      { response: time(response), resolution: time(resolution) },
    ]),
  );
  return new Map(
    LEVELS.flatMap(level =>
      ([0, 1] as const).map(half => {
        const spec = ServicePlanSpec.parse({
          serviceLevel: level,
          validFrom: `${year - 1}-01-01`,
          calendarRef: level === 'AdvancedMonitoringAndPatching' ? 'always' : 'core',
          ...(level !== 'Admin' && {
            availability: { target: '99.9' },
            incidents: { priorities },
            patching: { deadlines: { Critical: '72h', Important: '336h', Other: '720h' } },
          }),
          backup: { recoveryPointObjective: `${RECOVERY_POINT_HOURS}h`, recoveryTimeObjective: '4h' },
          prices: {
            ...{ currency: 'EUR', perMonth: amount(FEES[level][half]), effortPerHour: amount(HOUR[half]) },
            onDemand: [{ service: 'PatchRun', price: amount(PATCH_RUN) }],
          },
        });
        return [planName(level, half), spec] as const;
      }),
    ),
  );
}

function contractSpec(name: string, index: number, year: number): ContractSpec {
  return ContractSpec.parse({
    ...{ customer: name.toUpperCase(), namespaces: [name], timeZone: 'Europe/Berlin', billingId: `1000${index}` },
    contacts: [
      { name: 'anna', email: 'anna@example.com', roles: ['Approver'] },
      { name: 'carl', email: 'carl@example.com', roles: ['Technical'] },
    ],
    plans: LEVELS.flatMap(level => [
      { level, plan: planName(level, 0), from: `${year - 1}-01-01` },
      { level, plan: planName(level, 1), from: `${year}-${SECOND_PRICES_FROM}` },
    ]),
  });
}

function calendars(): ReadonlyMap<string, ServiceCalendarSpec> {
  const week = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];
  const core = { coreHours: [{ days: week, from: '09:00', to: '18:00' }], holidays: { region: 'DE-NI' } };
  const always = { coreHours: [{ days: [...week, 'Saturday', 'Sunday'], from: '00:00', to: '24:00' }] };
  return new Map([
    ['core', ServiceCalendarSpec.parse(core)],
    ['always', ServiceCalendarSpec.parse(always)],
  ]);
}

/** One of them opens at half past two on Sunday, an hour that is not there in March and comes twice in October. */
function plainWindows(year: number): PlainWindow[] {
  const closed = [{ from: `${year}-12-20`, to: `${year + 1}-01-06` }];
  return [
    { name: 'tuesday', weekday: 2, hour: 2, minute: 0, minutes: 240, reserve: 45, closed },
    { name: 'sunday', weekday: 0, hour: 2, minute: 30, minutes: 180, reserve: 30, closed: [] },
    {
      name: 'friday',
      weekday: 5,
      hour: 22,
      minute: 0,
      minutes: 120,
      reserve: 30,
      closed: [{ from: `${year}-03-25`, to: `${year}-03-30` }],
    },
  ];
}

function windowFrom({ name, weekday, hour, minute, minutes, reserve, closed }: PlainWindow): Window {
  return windowOf(name, {
    schedule: `${minute} ${hour} * * ${weekday}`,
    timeZone: 'Europe/Berlin',
    ...{ duration: time(minutes), cutoff: time(reserve) },
    exclusions: closed.map(({ from, to }) => ({ from, to, reason: 'closed' })),
  });
}
