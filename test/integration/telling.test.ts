/** The teller on a real API server, with a real SMTP server and a real web server that refuse as real ones do (GE-4, GE-8). */
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyCrds } from '../../hack/testbed/client/apply.ts';
import type { KubeObject as Stored } from '../../hack/testbed/client/client.ts';
import { pathOf } from '../../hack/testbed/client/path.ts';
import { startTestBed, type TestBed } from '../../hack/testbed/testbed.ts';
import { changeRequest } from '../../src/api/changerequest.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { notice } from '../../src/api/notice.ts';
import { TellingSettings } from '../../src/api/tellingsettings.ts';
import {
  type MailReceiver,
  startMailReceiver,
  startWebReceiver,
  type WebReceiver,
} from '../../src/controllers/telling/receivers.fixtures.ts';
import { startTeller } from '../../src/controllers/telling/worker.ts';
import { TEMPLATES } from '../../src/domain/telling/payload.ts';
import type { ResourceKind } from '../../src/runtime/api/object.ts';
import { connect } from '../../src/runtime/http/connection.ts';
import { OpenRegistry } from '../../src/runtime/observe/registry.ts';
import type { Operator } from '../../src/runtime/operator.ts';
import { readCrds } from './api/support/server.ts';
import { type Any, Api } from './support/api.ts';
import { eventually } from './support/eventually.ts';
import { changeOf, contractOf, machine } from './support/orders.ts';

const NAMESPACE = 'steward-telling';
const SECRET = Buffer.alloc(32, 7);
const silent = pino({ level: 'silent' });

let bed: TestBed;
let api: Api;
let mail: MailReceiver;
let web: WebReceiver;
let folder: string;
let telling: TellingSettings;
/** Recipients that are greylisted, and those that do not exist. */
const greylisted = new Set<string>();
const unknown = new Set<string>(['gone@acme.example']);
const running: Operator[] = [];

beforeAll(async () => {
  bed = await startTestBed({ kubevirt: false, played: false, crds: [] });
  api = await Api.as(bed);
  await applyCrds(api.client, await readCrds());
  await api.namespace(NAMESPACE);
  mail = await startMailReceiver({
    refuse: address => {
      if (unknown.has(address)) return { code: 550, says: '5.1.1 no such user' };
      return greylisted.delete(address) ? { code: 451, says: '4.7.1 greylisted' } : undefined;
    },
  });
  web = await startWebReceiver((_request, response) => void response.writeHead(204).end());
  folder = await mkdtemp(join(tmpdir(), 'telling-'));
  await writeFile(join(folder, 'signing'), `whsec_${SECRET.toString('base64')}\n`);
  telling = TellingSettings.parse({
    mail: { host: '127.0.0.1', port: mail.port, security: 'None', from: 'steward@provider.test' },
    webhooks: [{ name: 'events', url: `${web.url}/hook`, signedWith: 'signing' }],
    allowHTTP: true,
  });
  await tell('one');
});
afterAll(async () => {
  await Promise.all(running.map(operator => operator.stop()));
  await Promise.all([mail?.close(), web?.close(), api?.close()]);
  await bed?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function tell(identity: string): Promise<Operator> {
  const operator = await startTeller(
    {
      ...{ namespace: 'steward-system', watchNamespaces: [], guestIntervalMs: 1, logLevel: 'silent' },
      ...{ metricsPort: 0, healthPort: 0, tellNamespace: NAMESPACE, secretsFolder: folder, identity },
      ...{ telling, templates: TEMPLATES },
    },
    { connection: connect({ kubeconfig: bed.adminKubeconfig }), log: silent, registry: new OpenRegistry() },
  );
  running.push(operator);
  await eventually(() => expect(operator.ready()).toBe(true));
  return operator;
}

const ago = (minutes: number) => `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;

async function writeStatus(kind: ResourceKind, object: Any, status: object): Promise<void> {
  const path = `${pathOf(kind, object.metadata.namespace, object.metadata.name)}/status`;
  await api.client.patch('merge', path, { status });
}

/** A change in a namespace of its own, which waits for its customer. */
async function waitingChange(namespace: string, email: string): Promise<Any> {
  await api.namespace(namespace);
  const contacts = [{ name: 'anna', email, roles: ['Approver'] }];
  await api.create(contract, contractOf(namespace, [namespace], 'advanced', { contacts }));
  const change = await api.create(changeRequest, changeOf(namespace, 'chg-1', 'shop-db'));
  await writeStatus(changeRequest, change, {
    observedGeneration: 1,
    planHash: `sha256:${'0'.repeat(64)}`,
    waitingFor: { what: 'Agreement', whom: ['Customer'], since: ago(1) },
  });
  return change;
}

const noticesOf = async (namespace: string, way = 'Mail'): Promise<Any[]> =>
  (await api.list(notice, NAMESPACE)).filter(
    ({ spec }) => spec.subject.namespace === namespace && spec.receiver.way === way,
  );
const mailsTo = (address: string) => mail.taken.filter(({ to }) => to.includes(address));
const phase = (namespace: string, wanted: string, way?: string) =>
  eventually(async () => {
    const [found, ...more] = await noticesOf(namespace, way);
    expect([found?.status?.phase, more]).toEqual([wanted, []]);
    return found;
  }, 20_000);

test('GE-4: who must decide is told by mail in his language, and the provider’s system by a signed webhook', async () => {
  await waitingChange('asks', 'anna@acme.example');
  const told = await phase('asks', 'Sent');
  expect(told.status).toMatchObject({ tries: 1, message: expect.stringContaining('queued as 4711') });
  const [message, ...more] = mailsTo('anna@acme.example');
  expect(more).toEqual([]);
  expect(message?.text).toMatch(/^Subject: =\?UTF-8\?Q\?=5BSteward=5D_Entscheidung_n=C3=B6tig/m);
  expect(message?.text).toContain(`Message-ID: <${told.metadata.name}@provider.test>`);
  const posted = await phase('asks', 'Sent', 'Webhook');
  const request = web.requests.find(({ headers }) => headers['webhook-id'] === posted.metadata.name);
  const signed = `${posted.metadata.name}.${request?.headers['webhook-timestamp']}.${request?.body}`;
  expect(request?.headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`,
  );
  expect(JSON.parse(request?.body ?? '')).toMatchObject({
    ...{ specversion: '1.0', type: 'systems.managed.change.awaiting-decision', id: posted.metadata.name },
    data: { subject: { kind: 'ChangeRequest', namespace: 'asks', name: 'chg-1' }, contract: 'asks' },
  });
});

test('GE-8: nobody is told twice by a second replica or a restart, and who deletes a notice has it told anew with its id', async () => {
  const standby = await tell('two');
  expect(standby.leading()).toBe(false);
  await running[0]?.stop();
  await eventually(() => expect(standby.leading()).toBe(true));
  await waitingChange('later', 'later@acme.example');
  await phase('later', 'Sent');
  expect(mailsTo('anna@acme.example')).toHaveLength(1);
  const [first] = await noticesOf('asks');
  await api.remove(notice, NAMESPACE, first.metadata.name);
  await eventually(() => expect(mailsTo('anna@acme.example')).toHaveLength(2), 10_000);
  const ids = mailsTo('anna@acme.example').map(({ text }) => /^Message-ID: (.*)\r$/m.exec(text)?.[1]);
  expect(ids).toEqual([`<${first.metadata.name}@provider.test>`, `<${first.metadata.name}@provider.test>`]);
});

test('GE-8: what is greylisted is tried again, and whoever does not exist is dead at once, with the words of the server', async () => {
  greylisted.add('grey@acme.example');
  await waitingChange('greylisted', 'grey@acme.example');
  await waitingChange('unknown', 'gone@acme.example');
  const dead = await phase('unknown', 'Dead');
  expect(dead.status.message).toBe('Try 1: the server refused it: 550 5.1.1 no such user. It says so for good.');
  const sent = await phase('greylisted', 'Sent');
  expect(sent.status.tries).toBe(2);
  expect(mailsTo('grey@acme.example')).toHaveLength(1);
});

test('GE-4: a promise that is broken is told, and that it is kept again to whom that was told', async () => {
  await api.namespace('broken');
  const contacts = [{ name: 'carl', email: 'carl@acme.example', roles: ['Technical'] }];
  await api.create(contract, contractOf('broken', ['broken'], 'advanced', { contacts, language: 'en' }));
  const vm = await api.create(managedVM, machine('broken', 'shop-db'));
  const conditions = (status: string, since: string, message: string) => ({
    conditions: [{ type: 'SLACompliant', status, reason: 'X', message, lastTransitionTime: since }],
  });
  await writeStatus(managedVM, vm, conditions('False', ago(30), 'Not kept: PatchCompliant.'));
  await eventually(() => expect(mailsTo('carl@acme.example')).toHaveLength(1), 10_000);
  expect(mailsTo('carl@acme.example')[0]?.text).toContain('Subject: [Steward] Promise not kept: broken/shop-db');
  await writeStatus(managedVM, vm, conditions('True', ago(15), 'All are kept.'));
  await eventually(() => expect(mailsTo('carl@acme.example')).toHaveLength(2), 10_000);
  const references = mailsTo('carl@acme.example').map(({ text }) => /^References: (.*)\r$/m.exec(text)?.[1]);
  expect(references[0]).toBe(references[1]);
});

test('GE-4: a notice that somebody forges or restores reaches nobody, and none can be changed', async () => {
  const [told] = await noticesOf('asks');
  const forged = (name: string, spec: object): Stored & { spec: object } => ({
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'Notice', metadata: { name, namespace: NAMESPACE } },
    spec: { ...told.spec, ...spec },
  });
  const stranger = { ...told.spec.receiver, address: 'mallory@evil.example' };
  await api.create(notice, forged('ntc-forged', { receiver: stranger, writtenAt: ago(0) }));
  await api.create(notice, forged('ntc-copied', { writtenAt: ago(60) }));
  const messageOf = (name: string) =>
    eventually(async () => {
      const { status } = await api.get(notice, NAMESPACE, name);
      expect(status?.phase).toBe('Dead');
      return status.message;
    }, 10_000);
  expect(await messageOf('ntc-forged')).toMatch(/is no receiver of Contract asks any more/);
  expect(await messageOf('ntc-copied')).toMatch(/it is a copy, and nobody is told twice/);
  expect(mailsTo('mallory@evil.example')).toEqual([]);
  const edit = api.edit(notice, NAMESPACE, 'ntc-forged', { spec: { severity: 'Critical' } });
  await expect(edit).rejects.toThrow(/a notice is immutable/);
});
