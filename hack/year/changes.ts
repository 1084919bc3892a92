/** Changes that people make: asked for, agreed to or refused, made in their window, billed by effort; and orders of services, which are changes too. */
import type { Approval } from '../../src/api/approval.ts';
import type { ChangeRequest } from '../../src/api/changerequest.ts';
import type { ServiceRequest } from '../../src/api/servicerequest.ts';
import { assessChange } from '../../src/domain/change/changestatus.ts';
import { assessOrder } from '../../src/domain/change/order.ts';
import { planHashOf } from '../../src/domain/change/planhash.ts';
import { instant } from '../../src/domain/contract/condition.ts';
import type { ChangeDiary } from './diary.ts';
import { apiVersion, type System, type World } from './world.ts';

const [HOUR, DAY] = [3600, 86_400];

type Case = {
  object: ChangeRequest;
  request?: ServiceRequest | undefined;
  readonly approvals: Approval[];
  readonly system: System;
  readonly diary: ChangeDiary;
  edge: number;
};

export function keepChanges(world: World): void {
  const next = () => {
    const alive = world.systems.filter(({ isGone, isSetUp }) => !isGone && isSetUp);
    if (alive.length > 0) ask(world, world.dice.pick(alive));
    world.simulation.in(world.dice.wait((50 * DAY) / Math.max(1, alive.length)), next);
  };
  world.simulation.in(2 * DAY, next);
}

function ask(world: World, system: System): void {
  const { dice, seconds } = world;
  const uid = world.uid('change');
  const from = seconds + dice.int(12, 96) * HOUR;
  const to = from + dice.int(2, 12) * HOUR;
  const iso = (at: number) => instant(new Date(at * 1000));
  const service = dice.chance(0.4) ? dice.pick(['PatchRun', 'Custom'] as const) : undefined;
  const object: ChangeRequest = {
    ...{
      apiVersion,
      kind: 'ChangeRequest',
      metadata: { name: uid, namespace: system.contract, uid, generation: 1, creationTimestamp: iso(seconds) },
    },
    spec: {
      title: 'Grow the data disk',
      class: 'Normal',
      target: { kind: 'ManagedVM', name: system.name, uid: system.uid },
      plan: ['plan 1'],
      reason: 'The disk is full',
      risk: { rating: 'Low', reasons: ['Done many times'] },
      window: { notBefore: iso(from), notAfter: iso(to) },
      wayBack: 'None',
      agreement: { parties: [{ party: 'Customer' }] },
      requestedBy: 'kim',
    },
  };
  const diary: ChangeDiary = {
    ...{ uid, system: system.uid, window: { from, to }, decisions: [], plans: [{ at: seconds, plan: 1 }] },
    ...(service && { ordered: { at: seconds, service } }),
  };
  world.diary.changes.set(uid, diary);
  const of: Case = { object, approvals: [], system, diary, edge: 0 };
  if (service !== undefined) of.request = requestOf(of, service, world);
  look(world, of);
  for (let decision = dice.int(0, 3); decision > 0; decision--) decide(world, of, dice.int(60, from - seconds + DAY));
  if (dice.chance(0.15)) replan(world, of, dice.int(60, from - seconds));
  work(world, of);
}

function requestOf({ system, diary, object }: Case, service: 'PatchRun' | 'Custom', world: World): ServiceRequest {
  const custom = service === 'Custom' ? { description: 'Grow the data disk' } : {};
  const uid = `request-${diary.uid}`;
  return {
    ...{
      apiVersion,
      kind: 'ServiceRequest',
      metadata: { name: uid, namespace: system.contract, uid, generation: 1, creationTimestamp: instant(world.now) },
    },
    spec: {
      service,
      target: { kind: 'ManagedVM', name: system.name },
      reason: object.spec.reason,
      requestedBy: 'anna',
      ...custom,
    },
  };
}

/** By one who may, or by one who may not; on the plan that he has read, which may be another by then. */
function decide(world: World, of: Case, inSeconds: number): void {
  const { dice, simulation } = world;
  const read = { hash: planHashOf(of.object), plan: of.diary.plans.length };
  simulation.in(inSeconds, () => {
    const by = dice.pick(['anna', 'anna', 'anna', 'anna', 'carl', 'eve']);
    const decision = dice.pick(['Approve', 'Approve', 'Approve', 'Approve', 'Reject'] as const);
    const isFresh = dice.chance(0.8);
    const planHash = isFresh ? planHashOf(of.object) : read.hash;
    of.approvals.push({
      ...{
        apiVersion,
        kind: 'Approval',
        metadata: {
          name: world.uid('approval'),
          namespace: of.system.contract,
          uid: world.uid('a'),
          creationTimestamp: instant(world.now),
        },
      },
      spec: { changeRef: of.object.metadata.name, planHash, party: 'Customer', decision, decidedBy: by },
    });
    const plan = isFresh ? of.diary.plans.length : read.plan;
    of.diary.decisions.push({ at: world.seconds, by, decision, plan });
    look(world, of);
  });
}

/** Another plan: nobody has agreed to it. */
function replan(world: World, of: Case, inSeconds: number): void {
  world.simulation.in(inSeconds, () => {
    if (of.diary.begun !== undefined) return;
    const plan = of.diary.plans.length + 1;
    of.object = { ...of.object, spec: { ...of.object.spec, plan: [`plan ${plan}`] } };
    of.diary.plans.push({ at: world.seconds, plan });
    look(world, of);
  });
}

/** The provider looks a few times in and around the window whether he may begin, and does it when the status says so. */
function work(world: World, of: Case): void {
  const { dice, simulation } = world;
  const { from, to } = of.diary.window;
  for (let tries = 6; tries > 0; tries--) {
    simulation.at((from + dice.int(-6 * HOUR, to - from + 3 * HOUR)) * 1000, () => {
      look(world, of);
      const says = (type: string) => of.object.status?.conditions?.find(each => each.type === type)?.status === 'True';
      if (of.diary.begun !== undefined || of.system.isGone || !says('Agreed') || !says('InWindow')) return;
      of.diary.begun = world.seconds;
      simulation.in(dice.int(10, 90) * 60, () => finish(world, of));
    });
  }
}

function finish(world: World, of: Case): void {
  const { dice } = world;
  const minutes = dice.int(1, 20) * 15;
  const effort = dice.chance(0.7) ? { effort: `${minutes}m` } : {};
  const outcome = dice.pick(['Succeeded', 'Succeeded', 'Succeeded', 'Failed'] as const);
  of.object = {
    ...of.object,
    spec: { ...of.object.spec, result: { outcome, finishedAt: instant(world.now), by: 'kim', ...effort } },
  };
  of.diary.done = world.seconds;
  if (outcome === 'Succeeded' || of.request === undefined) of.diary.succeeded = outcome === 'Succeeded';
  if ('effort' in effort) of.diary.effort = minutes * 60;
  look(world, of);
}

function look(world: World, of: Case): void {
  const { contract } = of.system;
  const contacts = world.contracts.get(contract)?.contacts ?? [];
  const found = assessChange({
    change: of.object,
    approvals: of.approvals,
    customer: { contract, contacts, bridges: [] },
    now: world.now,
  });
  const stamped = (conditions: typeof found.conditions) =>
    conditions.map(each => ({ ...each, lastTransitionTime: instant(world.now) }));
  of.object = {
    ...of.object,
    status: { ...found.status, conditions: stamped(found.conditions) } as NonNullable<ChangeRequest['status']>,
  };
  world.record(contract, of.object);
  if (of.request !== undefined) {
    const made = { name: of.object.metadata.name, uid: of.diary.uid };
    const order = assessOrder(of.request, made, of.object);
    of.request = {
      ...of.request,
      status: { ...order.status, conditions: stamped(order.conditions) } as NonNullable<ServiceRequest['status']>,
    };
    world.record(contract, of.request);
  }
  const { nextEdge } = found;
  if (nextEdge === undefined || nextEdge.getTime() === of.edge) return;
  of.edge = nextEdge.getTime();
  world.simulation.at(nextEdge, () => look(world, of));
}
