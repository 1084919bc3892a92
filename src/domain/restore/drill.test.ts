import { describe, expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { isRestored } from '../../api/restore.ts';
import { endedRestores } from '../backup/endedrestores.ts';
import { type Fields, fields, textAt } from '../contract/json.ts';
import { operatingSystem } from '../managedvm/assessment.fixtures.ts';
import { BOOT_MS } from './drill.ts';
import type { RestoreFacts } from './facts.ts';
import { perform } from './performed.fixtures.ts';
import { factsOf, NOW, UID, type World, world } from './restore.fixtures.ts';
import { nextEdge, restoreAct } from './restoring.ts';
import { tidyDrillAct } from './tidydrill.ts';
import { velero } from './velero.ts';

const AGENT = { conditions: [{ type: 'AgentConnected', status: 'True' }] };
const DOWN = { interfaces: [{ linkState: 'down' }] };
const OS = { guestOSInfo: { prettyName: 'Debian 13\u001b[2J', kernelRelease: '6.12' } };

/** The instance of the machine in the sandbox, as KubeVirt starts it. */
function instanceOf({ machine }: World, status: object = { ...AGENT, ...DOWN, ...OS }): Fields | undefined {
  if (machine === undefined) return undefined;
  const { spec } = fields(fields(machine.spec).template);
  return { metadata: { uid: 'guest' }, spec: fields(spec), status: { phase: 'Running', ...status } };
}

const drillFacts = (here: World, more: Partial<RestoreFacts> = {}): RestoreFacts =>
  factsOf(here, {
    ...{ operatingSystem: operatingSystem(), staging: 'steward-drills', consent: undefined },
    ...{ virtualMachine: here.machine, instance: instanceOf(here), ...more },
  });

const aDrill = (spec: object = {}): World => world({ target: { sandbox: true }, requestedBy: 'steward', ...spec });

function run(
  here: World,
  before: (step: number) => void = () => {},
  more: () => Partial<RestoreFacts> = () => ({}),
): void {
  for (let step = 0; step < 40 && !isRestored(here.order.status?.phase); step++) {
    before(step);
    perform(here, restoreAct(here.order, drillFacts(here, more()), velero, NOW));
  }
}

/** What there is of the customer's. */
const customers = ({ vm, claims }: World) => JSON.stringify([vm, [...claims]]);

/** Does what tidying says until nothing is left, and returns what it did. */
function tidied(here: World): string[] {
  const did: string[] = [];
  for (let step = 0; step < 20; step++) {
    const { machine, request } = here;
    const remains = { machine, instance: instanceOf(here), staged: [...here.staged.values()], request };
    const facts = { ...remains, volume: (name: string) => here.volumes.get(name) };
    const act = tidyDrillAct(here.order, facts, velero, NOW);
    did.push(act.act);
    if (act.act === 'nothing') break;
    if (act.act === 'removeMachine') here.machine = undefined;
    if (act.act === 'changeVolume') perform(here, { ...act });
    if (act.act === 'release') here.staged.clear();
    if (act.act === 'forget') here.request = undefined;
  }
  return did;
}

describe('a drill (AP-13)', () => {
  it('boots a guest of its own from the restored disks, asks nobody, and touches nothing of the customer', () => {
    const here = aDrill();
    const before = customers(here);
    run(here);
    expect(here.order.status).toMatchObject({
      phase: 'Succeeded',
      recoveryTime: { seconds: 0 },
      drill: { machine: { name: `drill-${UID}`, uid: 'machine-uid' }, guest: 'Debian 13 [2J, kernel 6.12' },
    });
    expect(here.order.status?.change).toBeUndefined();
    expect(here.order.status?.steps?.map(({ name }) => name)).toEqual([
      ...['chosen', 'agreed', 'begun', 'restored', 'started', 'ended'],
    ]);
    expect(customers(here)).toBe(before);
  });

  it('says what it did not test', () => {
    const here = aDrill();
    run(here);
    expect(here.order.status?.drill?.untested?.join(' ')).toMatch(/network was not tested.*application was not tested/);
    expect(here.order.status?.message).toMatch(/Its link was down: the network and the application were not tested\.$/);
  });

  it('is another guest than that of the VM: firmware, serial number and address are its own, its link is down, no drive configures it', () => {
    const here = aDrill();
    run(here);
    const { spec, metadata } = fields(fields(here.machine?.spec).template);
    expect(metadata).toBeUndefined();
    expect(fields(here.machine?.metadata).labels).toBeUndefined();
    expect(spec).toMatchObject({
      domain: {
        firmware: { serial: UID },
        devices: {
          disks: [{ name: 'root', bootOrder: 1 }, { name: 'data' }],
          interfaces: [{ name: 'sandbox', state: 'down', masquerade: {} }],
        },
      },
      networks: [{ name: 'sandbox', pod: {} }],
      volumes: [
        { name: 'root', persistentVolumeClaim: { claimName: 'shop-db-root' } },
        { name: 'data', persistentVolumeClaim: { claimName: 'shop-db-data' } },
      ],
    });
    expect(JSON.stringify(spec)).not.toMatch(/cloudInit|sysprep|vm-uid/);
  });

  it('is made of a VM whose disks were taken over once, and whose order says so still', () => {
    const here = aDrill();
    Object.assign(here.vm?.spec.disks[0] ?? {}, { adopt: { claim: 'x' } });
    run(here);
    expect(here.order.status?.phase).toBe('Succeeded');
  });

  it.each(Array.from({ length: 12 }, (_, step) => step))(
    'ends the same where Steward is killed after its act %i, before it has noted it, and nothing is left',
    killed => {
      const here = aDrill();
      run(here, step => {
        if (step !== killed) return;
        const { metadata, spec, status } = here.order;
        perform(here, restoreAct(here.order, drillFacts(here), velero, NOW));
        here.order = { ...here.order, metadata, spec, ...(status && { status }) };
        if (status === undefined) Reflect.deleteProperty(here.order, 'status');
      });
      expect(here.order.status?.phase).toBe('Succeeded');
      tidied(here);
      expect([here.machine, here.staged.size, here.request]).toEqual([undefined, 0, undefined]);
    },
  );

  const losses: readonly (readonly [string, (here: World) => void])[] = [
    ['the ManagedVM goes', here => Object.assign(here, { vm: undefined })],
    ["Velero's Restore goes", here => Object.assign(here, { request: undefined })],
    ['the Backup goes', here => Object.assign(here, { backup: undefined })],
    ['the restored claims go', here => here.staged.clear()],
    ['its machine becomes another', here => here.machine && Object.assign(here.machine, { metadata: { uid: 'x' } })],
  ];
  describe.each(losses)('where %s', (_, lose) => {
    it.each(Array.from({ length: 12 }, (_each, step) => step))(
      'at step %i, it ends, what is the customer’s is as it was, and nothing is left',
      at => {
        const here = aDrill();
        const claims = JSON.stringify([...here.claims]);
        run(here, step => step === at && lose(here));
        expect(isRestored(here.order.status?.phase)).toBe(true);
        expect(JSON.stringify([...here.claims])).toBe(claims);
        expect(tidied(here).at(-1)).toBe('nothing');
        expect([here.machine, here.staged.size]).toEqual([undefined, 0]);
      },
    );
  });
});

describe('a drill that cannot be made (AP-13)', () => {
  const ended = (here: World) => endedRestores([here.order]);

  it.each<[string, Partial<RestoreFacts>, RegExp]>([
    ['there is no sandbox', { sandboxDefect: 'Namespace steward-drills is not there.' }, /is not there/],
    ['the catalogue lacks the system', { operatingSystem: undefined }, /is not in the catalogue/],
    [
      'the link of its guest is up',
      { instance: { spec: {}, status: { phase: 'Running', ...AGENT, interfaces: [{ linkState: 'up' }] } } },
      /link of its guest is not down/,
    ],
  ])('says what it could not test where %s, and nothing against the backup', (_, facts, why) => {
    const here = aDrill();
    run(here, undefined, () => facts);
    expect(here.order.status?.phase).toBe('Unproven');
    expect(here.order.status?.message).toMatch(/^The drill could not test whether the backup can be restored\. /);
    expect(here.order.status?.message).toMatch(why);
    expect(ended(here)).toMatchObject({ verified: [], failed: [] });
  });

  it('waits for its turn, and for claims of another drill to go', () => {
    const here = aDrill();
    run(here, undefined, () => ({ ahead: '3 drills come first.' }));
    expect(here.order.status).toMatchObject({ phase: 'Pending', message: '3 drills come first.' });
    here.staged.set('shop-db-data', {});
    run(here);
    expect(here.order.status?.message).toMatch(/steward-drills\/shop-db-data is still there, of another drill/);
  });

  it('is not taken for a backup that fails where no guest was started, but is where the guest does not answer', () => {
    const late = new Date(NOW.getTime() + BOOT_MS);
    const started = () => {
      const here = aDrill();
      run(here, undefined, () => ({ instance: undefined }));
      return here;
    };
    const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available.' }];
    const scheduling = { status: { phase: 'Scheduling', conditions } };
    const [full, mute] = [started(), started()];
    expect(nextEdge(full.order)).toEqual(late);
    perform(full, restoreAct(full.order, drillFacts(full, { instance: scheduling }), velero, late));
    expect(full.order.status).toMatchObject({
      phase: 'Unproven',
      message: expect.stringContaining('0/3 nodes are available'),
    });
    expect(ended(full).failed).toEqual([]);
    perform(mute, restoreAct(mute.order, drillFacts(mute, { instance: instanceOf(mute, DOWN) }), velero, late));
    expect(mute.order.status?.message).toMatch(/no agent answered in it within 30 minutes/);
    expect(ended(mute).failed).toMatchObject([{ restore: 'again', point: 'daily-1' }]);
  });

  it('has nothing to boot from without the root disk', () => {
    const here = aDrill({ disks: ['data'] });
    run(here);
    expect(here.order.status).toMatchObject({ phase: 'Failed', message: expect.stringMatching(/nothing boots/) });
    expect(here.request).toBeUndefined();
  });

  it('is none where Velero fails: that is the backup', () => {
    const here = aDrill();
    run(here, () => here.request && Object.assign(here.request, { status: { phase: 'PartiallyFailed', errors: 2 } }));
    expect(here.order.status?.phase).toBe('Failed');
    expect(ended(here).failed).toHaveLength(1);
  });
});

describe('what is left of a drill (AP-13)', () => {
  const request = { metadata: { creationTimestamp: '2026-12-01T12:00:00Z' }, status: { phase: 'Completed' } };
  const none = { machine: undefined, instance: undefined, staged: [], request, volume: () => undefined };

  it('goes in an order in which no volume stays behind, whatever its class says', () => {
    const here = aDrill();
    run(here);
    for (const [name, volume] of here.volumes)
      here.volumes.set(name, { ...volume, spec: { ...fields(volume.spec), persistentVolumeReclaimPolicy: 'Retain' } });
    expect(tidied(here)).toEqual([
      ...['removeMachine', 'changeVolume', 'changeVolume', 'release', 'forget', 'nothing'],
    ]);
    for (const volume of here.volumes.values())
      expect(textAt(volume, 'spec', 'persistentVolumeReclaimPolicy')).toBe('Delete');
  });

  it('is waited for', () => {
    const going = { metadata: { deletionTimestamp: '2026-12-01T12:00:00Z' } };
    const claim = { metadata: { ...going.metadata, creationTimestamp: '2026-12-01T12:00:01Z' } };
    const act = (more: object) => tidyDrillAct(aDrill().order, { ...none, ...more }, velero, NOW).act;
    expect([{ machine: going }, { instance: {} }, { staged: [claim] }].map(act)).toEqual(['wait', 'wait', 'wait']);
  });

  it('leaves a claim alone that was there before Velero was asked, whatever its label says', () => {
    const older = { metadata: { name: 'theirs', creationTimestamp: '2026-12-01T11:59:59Z' } };
    const act = tidyDrillAct(aDrill().order, { ...none, staged: [older] }, velero, NOW);
    expect(act).toEqual({ act: 'forget', request: none.request });
  });

  it('is looked for until Velero has ended: what it makes later nobody would find', () => {
    const request = { ...none.request, status: { phase: 'InProgress' } };
    const act = (now: Date) => tidyDrillAct(aDrill().order, { ...none, request }, velero, now).act;
    expect([act(NOW), act(new Date(NOW.getTime() + 25 * 3_600_000))]).toEqual(['wait', 'forget']);
  });
});

it('a copy of a drill does nothing', () => {
  const here = aDrill();
  Object.assign(here.order.metadata, { labels: { 'velero.io/restore-name': 'x' } });
  run(here);
  expect(here.order.status?.message).toMatch(/copy of a Restore/);
  expect((here.vm as ManagedVM).metadata.uid).toBe('vm-uid');
});
