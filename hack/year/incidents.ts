/** Incidents: sensors raise and end alarms, people take them up, wait for the customer and mend; Steward judges by its real decisions. */
import type { Incident, IncidentSpec } from '../../src/api/incident.ts';
import { instant } from '../../src/domain/contract/condition.ts';
import { planRevision } from '../../src/domain/contract/planrevision.ts';
import { planOn } from '../../src/domain/contract/plans.ts';
import { assessIncident } from '../../src/domain/incident/assess.ts';
import type { AgreedTerms } from '../../src/domain/incident/facts.ts';
import { incidentFor, withSignal } from '../../src/domain/incident/opened.ts';
import { dayIn } from '../../src/domain/time/day.ts';
import type { IncidentDiary } from './diary.ts';
import { apiVersion, type System, type World } from './world.ts';

const DAY = 86_400;
const ALERTS = [
  ['ManagedVMDown', 'critical'],
  ['ManagedVMServiceNotRunning', 'critical'],
  ['ManagedVMFileSystemFilling', 'warning'],
] as const;

type Case = {
  object: Incident;
  readonly system: System;
  readonly diary: IncidentDiary;
  readonly agreed: AgreedTerms;
  /** What people have done and Steward has not seen yet. */
  readonly unseen: IncidentDiary['acts'][number]['what'][];
  edge: number;
};

export function keepSensors(world: World): void {
  const next = () => {
    const alive = world.systems.filter(({ isGone, isSetUp }) => !isGone && isSetUp);
    if (alive.length > 0) open(world, world.dice.pick(alive));
    // Each system about every forty days.
    world.simulation.in(world.dice.wait((40 * DAY) / Math.max(1, alive.length)), next);
  };
  world.simulation.in(DAY, next);
}

function open(world: World, system: System): void {
  const { dice, now } = world;
  const [name, severity] = dice.pick(ALERTS);
  const uid = world.uid('incident');
  const alert = {
    name,
    severity,
    startsAt: instant(now),
    fingerprint: 'abcdef0123456789',
    labels: [{ name: 'service', value: 'ssh' }],
  };
  const made = incidentFor(
    {
      namespace: system.contract,
      subject: { kind: 'ManagedVM', name: system.name, uid: system.uid },
      alert,
      proof: { verdict: 'Proven', at: instant(now) },
    },
    now,
  );
  const metadata = { ...made.metadata, uid, creationTimestamp: instant(now), generation: 1 };
  const diary: IncidentDiary = { uid, system: system.uid, acts: [{ at: world.seconds, what: 'Fired' }], told: [] };
  world.diary.incidents.set(uid, diary);
  const of: Case = {
    object: { ...made, apiVersion, kind: 'Incident', metadata },
    system,
    diary,
    agreed: agreedOn(world, system),
    unseen: [],
    edge: 0,
  };
  look(world, of);
  handle(world, of);
}

function agreedOn(world: World, { contract, level }: System): AgreedTerms {
  const spec = world.contracts.get(contract);
  const entry = spec && planOn(spec.plans, level, dayIn('Europe/Berlin', world.now));
  if (entry === undefined) return {};
  const plan = world.plan(entry.plan);
  const calendar = world.calendars.get(plan.calendarRef);
  return {
    plan: { name: entry.plan, revision: planRevision(plan), spec: plan },
    ...(calendar && { calendar: { name: plan.calendarRef, spec: calendar } }),
  };
}

/** What people and sensors do about it, in its time. */
function handle(world: World, of: Case): void {
  const { dice } = world;
  const taken = dice.wait(40 * 60);
  const mended = taken + dice.wait(5 * 3600);
  after(world, taken, of, 'Taken', spec => ({ ...spec, handling: { ...spec.handling, acknowledgedBy: 'kim' } }));
  if (dice.chance(0.35)) {
    const since = taken + Math.floor(((mended - taken) * dice.int(1, 8)) / 10);
    const length = dice.wait(9 * 3600);
    after(world, since, of, 'Waiting', spec => ({
      ...spec,
      handling: { ...spec.handling, waitingForCustomer: { reason: 'a password is needed', by: 'kim' } },
    }));
    after(world, since + length, of, 'Answered', spec => {
      const { waitingForCustomer: _over, ...handling } = spec.handling ?? {};
      return { ...spec, handling };
    });
    end(world, of, mended + length);
  } else end(world, of, mended);
}

/** The sensor sees that it is mended; now and then the alarm comes again, and a person says for good what it was. */
function end(world: World, of: Case, inSeconds: number): void {
  const { dice } = world;
  const signal = (seconds: number, firing: boolean) =>
    after(world, seconds, of, firing ? 'Fired' : 'Cleared', (spec, now) => {
      const signals = withSignal(spec.signals, { at: instant(now), firing }, 32);
      return signals === undefined ? spec : { ...spec, signals };
    });
  signal(inSeconds, false);
  if (dice.chance(0.15)) {
    const again = inSeconds + dice.wait(12 * 3600);
    signal(again, true);
    signal(again + dice.wait(3 * 3600), false);
    // Told twice by two replicas.
    if (world.fault('an alert was told twice', 0.3)) signal(again + 5, true);
  }
  const minutes = dice.int(1, 12) * 15;
  of.diary.effort = minutes * 60;
  const effort = `${minutes}m`;
  after(world, inSeconds + 60, of, 'Resolved', spec => ({
    ...spec,
    handling: { ...spec.handling, resolution: { outcome: 'Mended', cause: 'a disk was full', by: 'kim', effort } },
  }));
}

function after(
  world: World,
  seconds: number,
  of: Case,
  what: IncidentDiary['acts'][number]['what'],
  change: (spec: IncidentSpec, now: Date) => IncidentSpec,
): void {
  world.simulation.in(Math.round(seconds), () => {
    const before = of.object.spec;
    of.object = { ...of.object, spec: change(before, world.now) };
    if (of.object.spec === before) return;
    see(world, of, what);
  });
}

/** Steward sees it at once, or when it looks next; then is when it counts. A sensor's word is dated by the sensor. */
function see(world: World, of: Case, what: IncidentDiary['acts'][number]['what']): void {
  if (what === 'Fired' || what === 'Cleared') of.diary.acts.push({ at: world.seconds, what });
  else of.unseen.push(what);
  if (!world.fault('Steward was not there to see an incident', 0.04)) look(world, of);
  else world.simulation.in(world.dice.int(5, 1800), () => look(world, of));
}

function look(world: World, of: Case): void {
  const { system, agreed } = of;
  for (const what of of.unseen.splice(0)) of.diary.acts.push({ at: world.seconds, what });
  const facts = { kind: 'ManagedVM', level: system.level, family: 'Linux', applications: [] } as const;
  const subject = { uid: system.uid, facts } as const;
  const assessed = () =>
    assessIncident({
      ...{ incident: of.object, subject, agreed, contract: system.contract, problem: undefined, remediation: [] },
      now: world.now,
    });
  let found = assessed();
  if (found.rated !== undefined) {
    of.object = { ...of.object, spec: { ...of.object.spec, ...found.rated } };
    found = assessed();
  }
  const conditions = found.conditions.map(each => ({ ...each, lastTransitionTime: instant(world.now) }));
  of.object = { ...of.object, status: { ...found.status, conditions } as NonNullable<Incident['status']> };
  world.record(system.contract, of.object);
  const { phase = '', response, resolution } = found.status;
  of.diary.told.push({ at: world.seconds, phase, priority: of.object.spec.rating?.priority, response, resolution });
  if (phase === 'Closed' && of.diary.acts.at(-1)?.what !== 'Closed')
    of.diary.acts.push({ at: world.seconds, what: 'Closed' });
  const { nextEdge } = found;
  if (nextEdge === undefined || phase === 'Closed' || nextEdge.getTime() === of.edge) return;
  of.edge = nextEdge.getTime();
  world.simulation.at(nextEdge, () => {
    if (of.edge !== nextEdge.getTime()) return;
    of.edge = 0;
    look(world, of);
  });
}
