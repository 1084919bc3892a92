import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newKeyPair } from '../../../hack/steward/guestorders.ts';
import { run } from '../../../hack/testbed/process/command.ts';
import { guestState } from '../../../src/api/gueststate.ts';
import { type Any, conditionOf } from '../../integration/support/api.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT, kubectl } from '../support/guests.ts';
import type { GuestChapter } from './chapter.ts';

const [NAMESPACE, WORKER] = ['steward-system', 'deployment/steward-guest'];
const CHART = join(import.meta.dirname, '../../../charts/steward');
const RULES = `table inet closed {
  chain out {
    type filter hook output priority 0;
    tcp dport 22 drop
  }
}
`;
/** Milliseconds between two looks. */
const LOOK = 1_000;

/** The chart as it stands, but for this value; the interval of looks stays that of these tests. */
async function install(portForward: boolean): Promise<void> {
  const { helm, kubeconfig } = inject('service');
  const value = `guest.portForward=${portForward}`;
  const flags = ['--namespace', NAMESPACE, '--reuse-values', '--force-conflicts', '--set', value];
  const interval = (await kubectl('-n', NAMESPACE, 'set', 'env', WORKER, '--list')).match(/STEWARD_GUEST_INTERVAL=\S+/);
  await run(helm, ['upgrade', 'steward', CHART, ...flags], { env: { ...process.env, KUBECONFIG: kubeconfig } });
  if (interval !== null) await kubectl('-n', NAMESPACE, 'set', 'env', WORKER, interval[0]);
  await kubectl('-n', NAMESPACE, 'rollout', 'status', WORKER, '--timeout=300s');
}

/** Drops what the worker sends to port 22, as a policy of its namespace would: nothing answers. It goes with the worker's Pod. */
async function closeDirectWay(): Promise<void> {
  const pid = await eventually(theWorker, BOOT, LOOK);
  await run('nsenter', ['--target', pid, '--net', 'nft', '-f', '-'], { input: RULES });
}

/** The only process of a worker on the node; throws while an older one ends. */
async function theWorker(): Promise<string> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const commands = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  const [pid, ...more] = pids.filter((_, index) => commands[index]?.endsWith('/app/steward.mjs\0guest\0'));
  if (pid === undefined || more.length > 0) throw new Error(`not one worker but ${more.length + (pid ? 1 : 0)}`);
  return pid;
}

export const portForward: GuestChapter = {
  title: 'issue 13: a guest to which the worker has no route is reached through KubeVirt',
  tell: subject => {
    const record = (): Promise<Any> => subject().guests.api.get(guestState, subject().guests.namespace, subject().name);
    const reads = (wanted: Readonly<Record<string, string>>) => subject().guests.reads(subject().name, wanted);

    beforeAll(closeDirectWay, BOOT);
    afterAll(async () => {
      await install(false);
      await eventually(async () => expect((await record()).status.contact.way).toBeUndefined(), BOOT, LOOK);
      await reads({ GuestReachable: 'True/Reached', Configured: 'True/AsOrdered' });
    }, BOOT);

    test('it is not reached where the chart does not say so', async () => {
      await reads({ GuestReachable: 'False/NoAnswer' });
      expect((await record()).status.contact.detail).not.toContain('portforward');
    });

    test('it is reached by virt-api in its place where it does, and the condition says so', async () => {
      await install(true);
      await closeDirectWay();
      await eventually(
        async () => expect((await record()).status.contact).toMatchObject({ outcome: 'Reached', way: 'PortForward' }),
        BOOT,
        LOOK,
      );
      const order = await reads({ GuestReachable: 'True/Reached' });
      expect(conditionOf(order, 'GuestReachable')?.message).toContain("through KubeVirt's portforward");
    });

    test('what is ordered gets into it by that way', async () => {
      const kim = newKeyPair('kim');
      const users = [{ name: 'kim', sshKeys: [kim.publicKey], administrator: true }];
      await subject().guests.edit(subject().name, { access: { users } });
      await reads({ GuestReachable: 'True/Reached', Configured: 'True/AsOrdered' });
      expect(await subject().guests.as('kim', kim, subject().name, 'sudo -n id -un')).toBe('root');
      expect((await record()).status.contact.way).toBe('PortForward');
    });
  },
};
