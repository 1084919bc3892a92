import { expect, test } from 'vitest';
import { VirtualMachineInstance } from '../../../src/api/upstream.ts';
import { childrenOf } from '../../integration/support/children.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT, type Guests, kubectl } from '../support/guests.ts';
import { killOnNode } from '../support/node.ts';
import { type Chapter, HERE, SHOP } from './chapter.ts';

/** What must not change whatever becomes of operator and node: the guest's boot, its instance, and every child. */
async function standing(guests: Guests) {
  const { metadata } = await guests.api.get(VirtualMachineInstance, HERE, SHOP);
  const boot = await guests.reachable(SHOP);
  return { boot, instance: metadata.uid, children: await childrenOf(guests.api, HERE) };
}

async function leader(): Promise<string> {
  const lease = await kubectl(
    '-n',
    'steward-system',
    'get',
    'lease',
    'steward',
    '-o',
    'jsonpath={.spec.holderIdentity}',
  );
  expect(lease).not.toBe('');
  return lease;
}

/** An edit that only a working operator carries out: the service level is a label on the VirtualMachine. */
async function expectWork(guests: Guests, level: string): Promise<void> {
  await guests.edit(SHOP, { serviceLevel: level });
  await guests.reads(SHOP, { Ready: 'True/Running' });
  const label = 'jsonpath={.metadata.labels.managed\\.systems/service-level}';
  expect(await kubectl('-n', HERE, 'get', 'vm', SHOP, '-o', label)).toBe(level);
}

export const steadfast: Chapter = {
  title: 'Steward goes on',
  tell: guests => {
    test('when its leader is deleted: the other replica leads, and nothing is created twice', async () => {
      const before = await standing(guests());
      const first = await leader();
      await kubectl('-n', 'steward-system', 'delete', 'pod', first, '--wait=false');
      await eventually(async () => expect(await leader()).not.toBe(first));
      await expectWork(guests(), 'AdvancedMonitoringAndPatching');
      expect(await standing(guests())).toEqual(before);
    });

    test('through a rolling upgrade', async () => {
      const before = await standing(guests());
      await kubectl('-n', 'steward-system', 'rollout', 'restart', 'deployment/steward');
      await kubectl('-n', 'steward-system', 'rollout', 'status', 'deployment/steward', '--timeout=300s');
      await expectWork(guests(), 'MonitoringAndPatching');
      expect(await standing(guests())).toEqual(before);
    });

    test.each(['kubelet', 'virt-handler', 'kube-proxy', 'kube-scheduler', 'containerd'])(
      'when %s of the node is killed and comes back: the guest runs on',
      async program => {
        const before = await standing(guests());
        await killOnNode(program);
        await eventually(async () => {
          const ready = 'jsonpath={.items[0].status.conditions[?(@.type=="Ready")].status}';
          expect(await kubectl('get', 'nodes', '-o', ready)).toBe('True');
        }, BOOT);
        await guests().reads(SHOP, { Ready: 'True/Running', AgentConnected: 'True/AgentAnswers' });
        expect(await standing(guests())).toEqual(before);
      },
    );
  },
};
