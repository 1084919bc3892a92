import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureArtifacts } from '../../build/build.ts';
import { apply } from '../../client/apply.ts';
import type { Client, KubeObject, List } from '../../client/client.ts';
import type { Condition } from '../../client/conditions.ts';
import { startTestBed, type TestBed } from '../../testbed.ts';
import { adminClient } from '../realnode.fixtures.ts';
import { tinyGuest, tinyMachine } from './tinyguest.ts';
import { restartVirtHandler } from './virthandler.ts';

type Instance = KubeObject & {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[]; readonly nodeName?: string };
};

const patience = { timeout: 180_000, interval: 250 };
const machine = '/apis/kubevirt.io/v1/namespaces/default/virtualmachines/tiny';
const instances = '/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances';
const subresources = '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/tiny';

let bed: TestBed;
let client: Client;

beforeAll(async () => {
  bed = await startTestBed({ profile: 'node', parts: ['kubevirt'] });
  const { tinyGuest: folder } = await ensureArtifacts({ tinyGuest }, () => {});
  await bed.node?.importImage(join(folder, 'image.tar'));
  client = await adminClient(bed);
});
afterAll(async () => {
  await client?.close();
  await bed?.stop();
});

const instance = () => client.get<Instance>(`${instances}/tiny`);

async function conditions(): Promise<Record<string, string>> {
  const { status } = await instance();
  return Object.fromEntries((status?.conditions ?? []).map(({ type, status: value }) => [type, value]));
}

/** Command lines of the processes of this box that are guests. */
async function guests(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.map(line => line.replaceAll('\0', ' ')).filter(line => line.startsWith('/usr/bin/qemu-system'));
}

const power = (runStrategy: 'Always' | 'Halted') => client.patch('merge', machine, { spec: { runStrategy } });

describe('a VirtualMachine on the real node', { timeout: 400_000 }, () => {
  it('boots under emulation, and its guest agent connects', async () => {
    await apply(client, tinyMachine('tiny', 'default'));
    await expect.poll(conditions, patience).toMatchObject({ Ready: 'True', AgentConnected: 'True' });
    const { status } = await instance();
    expect(status).toMatchObject({ phase: 'Running', nodeName: bed.node?.name });
    const [guest, ...others] = await guests();
    expect(others).toEqual([]);
    expect(guest).toMatch(/accel=tcg|-accel tcg/);
  });

  it('answers through virt-api and virt-handler for its guest', async () => {
    // virt-handler asks the agent one question after the other: it is connected before it has said which system it is.
    const told = () => client.get(`${subresources}/guestosinfo`);
    await expect.poll(told, patience).toMatchObject({ os: { id: 'debian', versionId: '13' } });
    await client.put(`${subresources}/pause`, {});
    await expect.poll(conditions, patience).toMatchObject({ Paused: 'True' });
    await client.put(`${subresources}/unpause`, {});
    await expect.poll(conditions, patience).not.toHaveProperty('Paused');
  });

  it('runs on while virt-handler is killed, which takes it up again', async () => {
    const before = await instance();
    await restartVirtHandler(client);
    const after = await instance();
    expect([after.metadata.uid, after.status?.phase]).toEqual([before.metadata.uid, 'Running']);
    expect(await guests()).toHaveLength(1);
    expect(await client.get(`${subresources}/guestosinfo`)).toHaveProperty('os');
  });

  it('leaves no process, instance or Pod behind when it is powered off, and boots anew when powered on', async () => {
    const { metadata } = await instance();
    await power('Halted');
    await expect.poll(names(instances), patience).toEqual([]);
    await expect.poll(names('/api/v1/namespaces/default/pods'), patience).toEqual([]);
    await expect.poll(guests, patience).toEqual([]);
    await power('Always');
    await expect.poll(async () => (await instance().catch(() => undefined))?.status?.phase, patience).toBe('Running');
    expect((await instance()).metadata.uid).not.toBe(metadata.uid);
  });

  it('is replaced when its instance is deleted, and the one before is gone', async () => {
    const { metadata } = await instance();
    await client.delete(`${instances}/tiny`);
    const uid = async () => (await instance().catch(() => undefined))?.metadata.uid ?? metadata.uid;
    await expect.poll(uid, patience).not.toBe(metadata.uid);
    await expect.poll(conditions, patience).toMatchObject({ AgentConnected: 'True' });
    // On a busy machine two processes with such a command line were seen for a moment.
    await expect.poll(guests, patience).toEqual([expect.not.stringContaining(metadata.uid ?? '')]);
  });
});

const names = (path: string) => async () =>
  (await client.get<List<KubeObject>>(path)).items.map(item => item.metadata.name);
