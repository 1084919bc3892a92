/** A root disk that is made anew, played with KubeVirt, CDI, the two controllers and people in any order, with passes that crash before they have written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangeRequest, Claim } from '../../api/changerequest.ts';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import type { NewRootOperation } from '../../api/newroot.ts';
import { rootStep } from '../change/rootstep.ts';
import type { LiveObject } from '../contract/child.ts';
import { managedVM, operatingSystem, UID } from '../managedvm/assessment.fixtures.ts';
import { diskHolds, type StorageFacts } from './diskhold.ts';
import type { MachineFacts } from './facts.ts';
import { nextNewRoot } from './newroot.ts';
import { readVirtualMachine, readVirtualMachineInstance } from './observedvm.ts';
import { givenRoot, isBeside, isOffFor } from './rootplace.ts';
import { renderVirtualMachine } from './virtualmachine.ts';

const START = Date.parse('2026-12-01T12:00:00Z');
const OLD = 'shop-db-root';
type Acts = 'manage' | 'crash' | 'judge' | 'kubevirt' | 'fill' | 'decide' | 'wait';
type Story = {
  readonly operation: NewRootOperation;
  readonly boots: boolean;
  readonly accepts: boolean;
  readonly fills: boolean;
};

/** All that there is. */
class World {
  now = START;
  status: Partial<ManagedVMStatus> = {
    disks: [{ name: 'root', claim: OLD, claimUID: 'a0', filledAt: '', phase: 'Filled' }],
  };
  system = 'debian-12';
  readonly claims = new Map([[OLD, 'a0']]);
  isFilled = false;
  machine: LiveObject;
  instance: { readonly uid: string; readonly root: string } | undefined = { uid: '1', root: OLD };
  count = 1;
  claim: Claim | undefined;
  result: string | undefined;
  results = 0;
  accepted: string | undefined;
  /** Root disks that guests have run on, in order. */
  readonly ran: string[] = [OLD];
  readonly story: Story;

  constructor(story: Story) {
    this.story = story;
    this.machine = this.rendered(undefined);
  }

  get order(): ManagedVM {
    return { ...managedVM({ operatingSystem: this.system }), status: this.status as ManagedVMStatus };
  }

  get change(): ChangeRequest {
    const { operation } = this.story;
    const to = operation === 'Rebuild' ? 'debian-12' : 'debian-13';
    const condition = (type: string, status: string, reason: string) => ({ type, status, reason, message: '' });
    return {
      metadata: {
        name: 'chg',
        namespace: 'acme',
        uid: 'c0ffee',
        generation: 1,
        creationTimestamp: '2026-12-01T11:00:00Z',
      },
      spec: {
        ...{ class: 'Normal', operation, target: { kind: 'ManagedVM', name: 'shop-db', uid: UID } },
        system: { from: 'debian-12', to },
        ...(this.result !== undefined && { result: { outcome: this.result } }),
      },
      status: {
        observedGeneration: 1,
        ...(this.claim && { claim: this.claim }),
        ...(operation === 'Rescue' && { window: { notAfter: new Date(START + 3 * 3_600_000).toISOString() } }),
        conditions: [
          condition('Agreed', 'True', 'Agreed'),
          ...(this.accepted === undefined
            ? []
            : [condition('Accepted', this.accepted === 'Accepted' ? 'True' : 'False', this.accepted)]),
        ],
      },
    } as unknown as ChangeRequest;
  }

  storage(): StorageFacts {
    return {
      claim: name => this.live(name),
      ownDataVolume: () => undefined,
      virtualMachine: this.machine,
      exchanged: disk => (disk === 'root' ? givenRoot(this.status.newRoot) : undefined),
      holderOf: () => undefined,
    };
  }

  live(name: string): LiveObject | undefined {
    const uid = this.claims.get(name);
    const bound = uid !== undefined && (name === OLD || this.isFilled);
    return uid === undefined
      ? undefined
      : {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name, uid },
          status: { phase: bound ? 'Bound' : 'Pending' },
        };
  }

  rendered(machine: LiveObject | undefined): LiveObject {
    const holds = machine === undefined ? undefined : diskHolds(this.order, this.storage());
    const livePVCs = new Map(
      [...(holds ?? [])].flatMap(([disk, { claim }]) => {
        const live = this.live(claim);
        return live ? [[disk, live] as const] : [];
      }),
    );
    const isOff = isOffFor(this.status.newRoot);
    return renderVirtualMachine({
      ...{ managedVM: this.order, operatingSystem: operatingSystem(), virtualMachine: machine, isOff, livePVCs },
      ...(holds && { holds }),
    }) as LiveObject;
  }

  facts(): MachineFacts {
    const { newRoot } = this.status;
    const agent = { type: 'AgentConnected', status: 'True', reason: '', message: '' };
    const boots = this.instance?.root === OLD || this.story.boots;
    const vmi = this.instance && {
      metadata: { uid: this.instance.uid },
      spec: {},
      status: { phase: 'Running', conditions: boots ? [agent] : [] },
    };
    const after = newRoot && this.claims.get(newRoot.after.claim);
    return {
      ...{ unreadable: [], changeRequests: [this.change], claims: new Map(), holds: new Map() },
      virtualMachine: readVirtualMachine({ ...this.machine, status: { printableStatus: 'Running' } }),
      virtualMachineInstance: vmi && readVirtualMachineInstance(vmi),
      newRoot: newRoot && {
        ...{
          operatingSystem: operatingSystem(),
          after,
          before: this.claims.get(OLD),
          dataVolume: after === undefined ? undefined : {},
        },
        stage: this.isFilled ? 'filled' : 'filling',
      },
      live: { virtualMachine: this.machine },
    } as unknown as MachineFacts;
  }

  /** A pass over the ManagedVM: children first, then the status; one that crashes has written no status. */
  manage(crashes: boolean): void {
    const { newRoot } = this.status;
    const before = rootOf(this.machine);
    const machine = this.rendered(this.machine);
    if (rootOf(machine) !== before) expect(this.instance, 'no disk is exchanged under a guest').toBeUndefined();
    this.machine = machine;
    if (isBeside(newRoot) && !this.claims.has(newRoot.after.claim)) this.claims.set(newRoot.after.claim, 'b0');
    if (newRoot?.phase === 'Failed') this.claims.delete(newRoot.after.claim);
    if (crashes) return;
    const next = nextNewRoot(this.order, this.facts(), new Date(this.now));
    const hold = diskHolds(this.order, this.storage()).get('root');
    const uid = hold?.standing === 'ours' ? this.claims.get(hold.claim) : undefined;
    const known = hold !== undefined && uid !== undefined && (hold.claim === OLD || this.isFilled);
    const disks = known
      ? [{ name: 'root', claim: hold.claim, claimUID: uid, filledAt: '', phase: 'Filled' }]
      : this.status.disks;
    this.status = { disks, ...(next && { newRoot: next }) } as Partial<ManagedVMStatus>;
  }

  judge(): void {
    const { spec } = this.change;
    const step = rootStep({
      ...{ spec, uid: 'c0ffee', claim: this.claim, mayBegin: true, now: new Date(this.now) },
      target: { managedVM: this.order, instance: undefined },
    });
    if (step?.result !== undefined) {
      this.result = step.result.outcome;
      this.results += 1;
    } else if (step?.claim !== undefined) this.claim = step.claim;
  }

  kubevirt(): void {
    const runs = (this.machine.spec as { runStrategy: string }).runStrategy === 'Always';
    if (!runs) this.instance = undefined;
    else if (this.instance === undefined) {
      this.count += 1;
      const root = rootOf(this.machine);
      this.instance = { uid: String(this.count), root };
      if (this.ran.at(-1) !== root) this.ran.push(root);
    }
  }

  decide(): void {
    const { operation, accepts } = this.story;
    if (this.result === 'Succeeded' && operation !== 'Rescue') this.accepted ??= accepts ? 'Accepted' : 'NotAccepted';
    if (this.status.newRoot?.phase === 'Accepted') this.system = 'debian-13';
  }

  act(act: Acts): void {
    if (act === 'manage' || act === 'crash') this.manage(act === 'crash');
    if (act === 'judge') this.judge();
    if (act === 'kubevirt') this.kubevirt();
    if (act === 'fill' && this.story.fills && this.claims.size > 1) this.isFilled = true;
    if (act === 'decide') this.decide();
    if (act === 'wait') this.now += 20 * 60_000;
    expect(this.claims.get(OLD), 'the old disk is there').toBe('a0');
    expect(this.results).toBeLessThanOrEqual(1);
  }
}

function rootOf(machine: LiveObject): string {
  const { template } = machine.spec as {
    template: {
      spec: {
        volumes: readonly {
          name: string;
          dataVolume?: { name: string };
          persistentVolumeClaim?: { claimName: string };
        }[];
      };
    };
  };
  const root = template.spec.volumes.find(({ name }) => name === 'root');
  return root?.dataVolume?.name ?? root?.persistentVolumeClaim?.claimName ?? '';
}

const acts = fc.array(fc.constantFrom<Acts>('manage', 'crash', 'judge', 'kubevirt', 'fill', 'decide', 'wait'), {
  maxLength: 60,
});
const story = fc.record({
  operation: fc.constantFrom<NewRootOperation>('Rebuild', 'Migration', 'Rescue'),
  ...{ boots: fc.boolean(), accepts: fc.boolean(), fills: fc.boolean() },
});

describe('MO-2, GE-11: a root disk that is made anew, whatever comes in between', () => {
  it('ends on one of the two disks, as the story says, with one result; the old one is never lost, and none is exchanged under a guest', () => {
    fc.assert(
      fc.property(story, acts, (told, before) => {
        const world = new World(told);
        for (const act of before) world.act(act);
        // From here on nobody crashes, and everybody gets his turn.
        for (let turn = 0; turn < 60; turn += 1)
          for (const act of [
            'judge',
            'manage',
            'kubevirt',
            'fill',
            'manage',
            'decide',
            ...(turn % 3 === 0 ? ['wait'] : []),
          ] as const)
            world.act(act as Acts);
        expect(world.results).toBe(1);
        expect(world.status.newRoot).toBeUndefined();
        const ranOnNew = world.ran.some(root => root !== OLD);
        const staysNew = told.operation !== 'Rescue' && world.result === 'Succeeded' && told.accepts;
        expect(world.instance?.root === OLD).toBe(!staysNew);
        expect(world.ran.length).toBeLessThanOrEqual(staysNew ? 2 : 3);
        if (!told.fills) expect(ranOnNew).toBe(false);
        if (!told.boots) expect(world.instance?.root).toBe(OLD);
        if (world.result === 'Succeeded') expect(ranOnNew).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
