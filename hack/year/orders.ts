/** Customers: they order systems, change their levels, switch them off and on, and give them up. */
import { LEVELS } from './agreed.ts';
import { CONTRACTS, type System, type World } from './world.ts';

const DAY = 86_400;

export function orderSystem(world: World, contract = world.dice.pick(CONTRACTS)): System {
  const { dice, simulation } = world;
  const uid = world.uid('a');
  const name = `vm-${uid}`;
  const window = dice.pick([...world.windows.keys()]);
  const system: System = {
    ...{ uid, name, contract, window, level: dice.pick(LEVELS) },
    ...{
      isOn: true,
      isSetUp: false,
      isGone: false,
      lost: 0,
      updates: 0,
      boot: 1,
      hasRecoveryPoint: undefined,
      runs: new Set(),
    },
    diary: { uid, name, contract, window, acts: [], changed: [] },
  };
  world.systems.push(system);
  world.diary.systems.set(uid, system.diary);
  world.did(system, { what: 'Ordered', level: system.level, on: true });
  world.recordSystem(system);
  simulation.in(dice.int(120, 1800), () => {
    system.isSetUp = true;
    world.did(system, { what: 'SetUp' });
    world.recordSystem(system);
  });
  later(world, system);
  return system;
}

/** Something about once in three weeks, at no minute next to a midnight: what records notice within seconds is proven elsewhere. */
function later(world: World, system: System): void {
  const { dice, simulation } = world;
  const when = simulation.now.getTime() + dice.wait(21 * DAY) * 1000;
  const inHour = Math.floor(when / 3_600_000) * 3_600_000 + dice.int(5, 54) * 60_000;
  simulation.at(Math.max(inHour, simulation.now.getTime() + 3_600_000), () => {
    if (system.isGone) return;
    if (system.isSetUp) act(world, system);
    later(world, system);
  });
}

function act(world: World, system: System): void {
  const { dice } = world;
  const roll = dice.next();
  if (roll < 0.5) {
    system.level = dice.pick(LEVELS);
    world.did(system, { what: 'Level', level: system.level });
  } else if (roll < 0.93) {
    system.isOn = !system.isOn;
    world.did(system, { what: 'Power', on: system.isOn });
  } else {
    system.isGone = true;
    world.did(system, { what: 'Gone' });
    world.records.gone(`contract-${system.contract}`, system.uid, world.now);
    world.simulation.in(dice.int(DAY, 5 * DAY), () => orderSystem(world, system.contract));
    return;
  }
  world.recordSystem(system);
}
