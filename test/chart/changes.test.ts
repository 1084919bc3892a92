/** GE-2, GE-4, GE-6, GE-13 on a real API server, under the roles and policies of the chart, with people who are who they are. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Cluster, expectNoRefusals, startCluster } from '../integration/support/cluster.ts';
import { type Kubectl, kubectlOf, type Manifest } from './chart.ts';
import { operatingSystem, virtualMachine } from './objects.ts';
import { invite, PEOPLE, type Person, userOf } from './people.ts';
import { steady, stepsOf, Terminal } from './transcript.ts';

const apiVersion = 'managed.systems/v1alpha1';
const PATIENCE = { timeout: 60_000, interval: 200 };

let cluster: Cluster;
let admin: Kubectl;
let as: Readonly<Record<Person, Kubectl>>;

beforeAll(async () => {
  cluster = await startCluster({ kubevirt: false, played: false });
  admin = kubectlOf(cluster.bed);
  as = await invite(cluster.bed, admin);
  await admin('create -f -', acme);
  // The API server takes up new policies within some seconds: one refusal of each shows that they hold.
  await refused('tom', change('probe', { requestedBy: userOf('anna') }), 'cannot request');
  await refused('tom', order('probe', { requestedBy: userOf('anna') }), 'cannot order');
  await refused(
    'anna',
    decision('probe', 'probe', `sha256:${'0'.repeat(64)}`, { decidedBy: userOf('ben') }),
    'cannot decide',
  );
  await request('probe');
  await refused('anna', decision('probe', 'probe', `sha256:${'0'.repeat(64)}`), 'read it again');
});
afterAll(() => cluster?.stop());

function change(name: string, spec: object = {}, namespace = 'acme'): Manifest {
  return {
    apiVersion,
    kind: 'ChangeRequest',
    metadata: { name, namespace },
    spec: {
      title: 'Grow the data disk',
      class: 'Normal',
      target: { kind: 'ManagedVM', name: 'shop-db' },
      plan: ['Set spec.disks[data].size to 200Gi', 'Grow the file system'],
      reason: 'The disk is 91 % full',
      risk: { rating: 'Low', reasons: ['Done many times'] },
      wayBack: 'None: a disk does not shrink',
      agreement: { parties: [{ party: 'Customer' }] },
      requestedBy: userOf('kim'),
      ...spec,
    },
  };
}

function order(name: string, spec: object = {}): Manifest {
  const target = { kind: 'ManagedVM', name: 'shop-db' };
  const custom = {
    service: 'Custom',
    target,
    reason: 'Christmas trade',
    description: 'Tune the kernel',
    requestedBy: userOf('tom'),
  };
  return { apiVersion, kind: 'ServiceRequest', metadata: { name, namespace: 'acme' }, spec: { ...custom, ...spec } };
}

function decision(name: string, changeRef: string, planHash: string, spec: object = {}): Manifest {
  const approve = { changeRef, planHash, party: 'Customer', decision: 'Approve', decidedBy: userOf('anna') };
  return { apiVersion, kind: 'Approval', metadata: { name, namespace: 'acme' }, spec: { ...approve, ...spec } };
}

/** In whole seconds, as the API server keeps time. */
const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

/** Waits for the refusal: what a policy must know of other objects, the API server learns a moment after they are written. */
async function refused(person: Person, object: Manifest, why: string): Promise<void> {
  const ask = () => as[person].refusal('create --dry-run=server -f -', object);
  await vi.waitFor(async () => expect(await ask()).toContain(why), PATIENCE);
}

/** A change as kim requests it, and the hash of its plan. */
async function request(name: string, spec: object = {}): Promise<string> {
  await as.kim('create -f -', change(name, spec));
  return planOf(name);
}

async function planOf(name: string, other = '', namespace = 'acme'): Promise<string> {
  return vi.waitFor(async () => {
    const hash = await admin(`get chg ${name} -n ${namespace} -o jsonpath={.status.planHash}`);
    expect(hash).toMatch(/^sha256:/);
    expect(hash).not.toBe(other);
    return hash;
  }, PATIENCE);
}

/** Writes a decision; the API server may learn of the plan a moment after we have. */
async function decide(person: Person, object: Manifest): Promise<void> {
  const own = { ...object, spec: { ...object.spec, decidedBy: userOf(person) } };
  await vi.waitFor(() => as[person]('create -f -', own), PATIENCE);
}

/** Waits until a condition of an object reads so; resolves to its message. */
async function says(what: string, type: string, wanted: string, namespace = 'acme'): Promise<string> {
  return vi.waitFor(async () => {
    const { status } = JSON.parse(await admin(`get ${what} -n ${namespace} -o json`)) as {
      status?: { conditions?: Condition[] };
    };
    const found = status?.conditions?.find(each => each.type === type);
    expect(`${found?.status}/${found?.reason}`).toBe(wanted);
    return found?.message ?? '';
  }, PATIENCE);
}
type Condition = { readonly type: string; readonly status: string; readonly reason: string; readonly message: string };

/** Whether the page is written from this run instead of compared with it. */
const WRITE = process.env.STEWARD_WRITE_PAGES === '1';

/** A shell for those who type in a page: kubectl as each of them, and `steward` as a provider runs it. */
async function openTerminal(bed: Cluster['bed']): Promise<Terminal> {
  const folder = await mkdtemp(join(bed.dir, 'terminal-'));
  await symlink(bed.auditLog, join(folder, 'audit.log'));
  const main = join(import.meta.dirname, '../../src/main.ts');
  const names = PEOPLE.map(async who => [who, await bed.kubeconfigFor('people', who)] as const);
  const kubeconfigs = new Map<string, string>([...(await Promise.all(names)), ['admin', bed.adminKubeconfig]]);
  const functions = `kubectl() { '${bed.binaries.kubectl}' "$@"; }; steward() { '${process.execPath}' '${main}' "$@"; }`;
  return new Terminal(folder, functions, who => ({ ...process.env, KUBECONFIG: kubeconfigs.get(who) }));
}

describe('Must show 2: an approval', () => {
  it("in another's name is refused (GE-6)", async () => {
    const plan = await request('names');
    const forged = decision('forged', 'names', plan, { decidedBy: userOf('ben') });
    await refused('anna', forged, `you are ${userOf('anna')} and cannot decide as ${userOf('ben')}`);
  });

  it('without the verb is refused, for the customer and for the provider (GE-6)', async () => {
    const plan = await request('verbs', { agreement: { parties: [{ party: 'Customer' }, { party: 'Provider' }] } });
    const own = { decidedBy: userOf('tom') };
    await refused(
      'tom',
      decision('no', 'verbs', plan, own),
      'takes the verb approve on changerequests/verbs in namespace acme',
    );
    const forProvider = { party: 'Provider', decidedBy: userOf('anna') };
    await refused(
      'anna',
      decision('no', 'verbs', plan, forProvider),
      'takes the verb approve on contracts, cluster-wide',
    );
    const can = (person: Person, what: string) => as[person].refusal(`auth can-i approve ${what} -n acme`);
    expect(await can('anna', 'changerequests.managed.systems/verbs')).toBe('');
    expect(await can('tom', 'changerequests.managed.systems/verbs')).not.toBe('');
  });

  it('by the requester is refused, even of one who may approve (GE-6)', async () => {
    const change1 = change('own', { requestedBy: userOf('kim'), agreement: { parties: [{ party: 'Provider' }] } });
    await as.kim('create -f -', change1);
    const own = decision('own', 'own', await planOf('own'), { party: 'Provider', decidedBy: userOf('kim') });
    await refused('kim', own, `${userOf('kim')} requested ChangeRequest own and cannot decide on it`);
    await decide('lee', decision('own', 'own', await planOf('own'), { party: 'Provider' }));
    await says('chg/own', 'Agreed', 'True/Agreed');
  });

  it('counts, and is lost with the plan that it was made for (GE-6)', async () => {
    const plan = await request('plans');
    await decide('anna', decision('plans', 'plans', plan));
    await says('chg/plans', 'Agreed', 'True/Agreed');
    expect(await says('approval/plans', 'Counted', 'True/Counted')).toContain(plan);
    await as.kim('patch chg plans -n acme --type merge -p {"spec":{"plan":["Delete-the-disk"]}}');
    await says('chg/plans', 'Agreed', 'False/AwaitingAgreement');
    await says('approval/plans', 'Counted', 'False/OtherPlan');
    const other = await planOf('plans', plan);
    await refused('anna', decision('late', 'plans', plan), `is ${other}, not ${plan}: read it again before you decide`);
  });

  it('that has expired does not count, and says so (GE-6)', async () => {
    const plan = await request('expiry');
    await decide('anna', decision('expiry', 'expiry', plan, { validUntil: '2020-01-01T00:00:00Z' }));
    expect(await says('approval/expiry', 'Counted', 'False/Expired')).toContain('spec.validUntil');
    await says('chg/expiry', 'Agreed', 'False/AwaitingAgreement');
  });

  it('that is given twice counts once (GE-6)', async () => {
    const plan = await request('twice', { agreement: { parties: [{ party: 'Customer', count: 2 }] } });
    await decide('anna', decision('first', 'twice', plan));
    await decide('anna', decision('second', 'twice', plan));
    const counts = () =>
      admin(
        'get approvals first second -n acme -o jsonpath={.items[*].status.conditions[?(@.type=="Counted")].reason}',
      );
    await vi.waitFor(
      async () => expect((await counts()).split(' ').sort()).toEqual(['Counted', 'Superseded']),
      PATIENCE,
    );
    expect(await says('chg/twice', 'Agreed', 'False/AwaitingAgreement')).toContain('1 of 2 for the Customer agreed');
    await decide('ben', decision('other', 'twice', plan));
    expect(await says('chg/twice', 'Agreed', 'True/Agreed')).toContain('2 of 2 for the Customer agreed');
  });

  it('is never changed afterwards (GE-6)', async () => {
    const plan = await request('fixed');
    await decide('anna', decision('fixed', 'fixed', plan));
    const edit = 'patch approval fixed -n acme --type merge -p {"spec":{"decision":"Reject"}}';
    expect(await admin.refusal(edit)).toContain('a decision is immutable');
    expect(await as.anna.refusal(edit)).toContain('cannot patch resource "approvals"');
    expect(await as.anna.refusal('delete approval fixed -n acme')).toContain('cannot delete resource "approvals"');
  });

  it('under impersonation passes, and is found by the report of impersonated approvers (GE-6)', async () => {
    const plan = await request('assumed');
    const assumed = decision('assumed', 'assumed', plan);
    await vi.waitFor(() => admin(`create -f - --as ${userOf('anna')}`, assumed), PATIENCE);
    await says('chg/assumed', 'Agreed', 'True/Agreed');
    const { code, lines } = await impersonations(cluster.bed.auditLog);
    expect(code).toBe(1);
    const found = lines.filter(line => line.includes('acme/assumed'));
    expect(found).toEqual([
      expect.stringMatching(`Z  testbed-admin as ${userOf('anna')}: create approvals acme/assumed$`),
    ]);
  });

  it('by staff of the provider for one customer counts for him, and for no other (GE-4, GE-6)', async () => {
    const agreement = { parties: [{ party: 'Provider' }] };
    const plan = await request('staff', { agreement });
    const own = { party: 'Provider', decidedBy: userOf('max') };
    await refused('max', decision('staff', 'staff', plan, own), 'takes the verb approve on contracts, cluster-wide');
    const forGlobex = decision('staff', 'staff', plan, { ...own, contract: 'globex' });
    await refused('max', forGlobex, 'takes the verb approve on contracts/globex, which');
    await decide('max', decision('staff', 'staff', plan, { ...own, contract: 'acme' }));
    await says('chg/staff', 'Agreed', 'True/Agreed');
    const result = (by: Person) => ({ outcome: 'Succeeded', finishedAt: now(), by: userOf(by) });
    const finish = (name: string, namespace: string, by: Person) =>
      `patch chg ${name} -n ${namespace} --type merge -p ${JSON.stringify({ spec: { result: result(by) } })}`;
    await as.max(finish('staff', 'acme', 'max'));
    await says('chg/staff', 'Done', 'True/Succeeded');

    // In globex, which is not of that Contract, he may write and is not heard.
    await as.kim('create -f -', change('elsewhere', { agreement }, 'globex'));
    const elsewhere = await planOf('elsewhere', '', 'globex');
    const stray = decision('stray', 'elsewhere', elsewhere, { ...own, contract: 'acme' });
    await decide('max', { ...stray, metadata: { name: 'stray', namespace: 'globex' } });
    await says('approval/stray', 'Counted', 'False/OtherContract', 'globex');
    expect(await as.max.refusal(finish('elsewhere', 'globex', 'max'))).toContain("is the provider's to say");
    await refused(
      'max',
      change('standing', {
        class: 'Standard',
        agreement: undefined,
        requestedBy: userOf('max'),
        preApprovedBy: { kind: 'BackupPolicy', name: 'daily' },
      }),
      'a Standard change is pre-approved',
    );
  });

  it('by a wildcard role of a namespace is never the provider’s (GE-6)', async () => {
    const plan = await request('wildcard', { agreement: { parties: [{ party: 'Provider' }] } });
    const forProvider = decision('no', 'wildcard', plan, { party: 'Provider', decidedBy: userOf('mallory') });
    await refused('mallory', forProvider, 'takes the verb approve on contracts, cluster-wide');
  });

  it('by a wildcard role of a namespace passes as the customer’s, and does not count: he is no contact (GE-4, GE-6)', async () => {
    const plan = await request('wild');
    await decide('mallory', decision('wild', 'wild', plan));
    expect(await says('approval/wild', 'Counted', 'False/NotAContact')).toContain('no contact of the Contract');
    const asked = `0 of 1 for the Customer agreed, asked are ${userOf('anna')}, ${userOf('ben')} of Contract acme.`;
    expect(await says('chg/wild', 'Agreed', 'False/AwaitingAgreement')).toBe(asked);
    const patch = (what: string) =>
      `patch ${what} wild -n acme --subresource status --type merge -p {"status":{"conditions":[]}}`;
    for (const what of ['approval', 'chg']) {
      expect(await as.mallory.refusal(patch(what))).toContain('it is written by Steward only');
    }
  });
});

/** anna and ben decide for acme; namespace shop has no Contract. */
const acme: Manifest = {
  apiVersion,
  kind: 'Contract',
  metadata: { name: 'acme' },
  spec: {
    customer: 'ACME GmbH',
    namespaces: ['acme'],
    billingId: '10042',
    contacts: (['anna', 'ben'] as const).map(name => ({
      ...{ name, user: userOf(name), email: `${name}@acme.example`, roles: ['Approver'] },
    })),
    plans: [{ level: 'Admin', plan: 'admin-2026', from: '2026-01-01' }],
  },
};

/** `steward impersonations` as a provider runs it. */
function impersonations(log: string): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  return new Promise(resolve => {
    execFile(process.execPath, ['src/main.ts', 'impersonations', log], (error, stdout) => {
      resolve({ code: Number(error?.code ?? 0), lines: stdout.trimEnd().split('\n') });
    });
  });
}

describe('Must show 2: a tenant', () => {
  it("cannot write an approval's status, nor that of a change or an order (GE-6)", async () => {
    const plan = await request('status');
    await decide('anna', decision('status', 'status', plan, { validUntil: '2020-01-01T00:00:00Z' }));
    await as.tom('create -f -', order('status', { service: 'PatchRun', description: undefined }));
    const collection = '/apis/managed.systems/v1alpha1/namespaces/acme';
    for (const person of ['tom', 'anna', 'kim'] as const) {
      for (const plural of ['approvals', 'changerequests', 'servicerequests']) {
        const put = `replace --raw ${collection}/${plural}/status/status -f -`;
        expect(await as[person].refusal(put, {})).toContain(`cannot update resource "${plural}/status"`);
        const can = `auth can-i patch ${plural}.managed.systems --subresource=status -n acme`;
        expect(await as[person].refusal(can), `${person} patches ${plural}`).toContain('exit code 1');
      }
    }
  });

  it("cannot write or read another tenant's orders, changes and approvals (MO-2)", async () => {
    const plan = await request('theirs');
    await as.tom('create -f -', order('theirs'));
    const own = { requestedBy: userOf('eve') };
    expect(await as.eve.refusal('create -f -', order('eve', own))).toContain(
      'cannot create resource "servicerequests"',
    );
    expect(await as.eve.refusal('create -f -', change('eve', own))).toContain(
      'cannot create resource "changerequests"',
    );
    const forged = decision('eve', 'theirs', plan, { decidedBy: userOf('eve') });
    expect(await as.eve.refusal('create -f -', forged)).toContain('cannot create resource "approvals"');
    const put = 'replace --raw /apis/managed.systems/v1alpha1/namespaces/acme/changerequests/theirs -f -';
    expect(await as.eve.refusal(put, {})).toContain('cannot update resource "changerequests"');
    expect(await as.eve.refusal('auth can-i patch changerequests.managed.systems -n acme')).toContain('exit code 1');
    expect(await as.eve.refusal('get req theirs -n acme')).toContain('cannot get resource "servicerequests"');
  });

  it('cannot change or withdraw what he has ordered, only order something else (MO-2)', async () => {
    await as.tom('create -f -', order('kept'));
    expect(await as.tom.refusal('delete req kept -n acme')).toContain('cannot delete resource "servicerequests"');
    const edit = 'patch req kept -n acme --type merge -p {"spec":{"reason":"other"}}';
    expect(await admin.refusal(edit)).toContain('an order is immutable');
  });
});

describe('GE-2, GE-6, GE-13: a change', () => {
  it('is requested, and an order written, in nobody else’s name, and least of all in that of Steward', async () => {
    for (const requestedBy of [userOf('anna'), 'steward']) {
      await refused('tom', change('forged', { requestedBy }), `cannot request a change as ${requestedBy}`);
      await refused('tom', order('forged', { requestedBy }), `cannot order as ${requestedBy}`);
    }
  });

  it('that Steward carries out is written by Steward only, for an order (MO-2)', async () => {
    const own = { operation: 'Restart', requestedBy: userOf('kim') };
    await refused('kim', change('forged', own), 'what Steward carries out it writes itself');
  });

  it('by which the provider attests what is left of a former root is written by the provider, never by a customer (AP-9)', async () => {
    const attests = (requestedBy: string) =>
      change('clean', {
        target: { kind: 'ManagedVM', name: 'shop-db', uid: '0a-1b' },
        attests: { rootDisk: '0a-2c' },
        agreement: { parties: [{ party: 'Provider' }] },
        requestedBy,
      });
    await refused('tom', attests(userOf('tom')), "is the provider's to attest");
    await as.kim('create --dry-run=server -f -', attests(userOf('kim')));
  });

  it('of class Standard is written by the provider and by Steward only: it asks nobody', async () => {
    const standard = (requestedBy: string) =>
      change('standard', {
        class: 'Standard',
        agreement: undefined,
        preApprovedBy: { kind: 'BackupPolicy', name: 'daily' },
        requestedBy,
      });
    await refused('tom', standard(userOf('tom')), 'a Standard change is pre-approved');
    await as.kim('create -f -', standard(userOf('kim')));
    expect(await says('chg/standard', 'Agreed', 'True/PreApproved')).toContain('BackupPolicy daily');
  });

  it('ends with a result that the provider writes in his own name, and is accepted by the customer in his', async () => {
    const plan = await request('ends');
    await decide('anna', decision('ends', 'ends', plan));
    await says('chg/ends', 'Agreed', 'True/Agreed');
    const patch = (part: object) => `patch chg ends -n acme --type merge -p ${JSON.stringify({ spec: part })}`;
    const result = (by: Person) =>
      patch({ result: { outcome: 'Succeeded', finishedAt: now(), by: userOf(by), effort: '1h30m' } });
    const acceptance = (by: Person, what = 'Accept') => patch({ acceptance: { decision: what, by: userOf(by) } });
    expect(await as.anna.refusal(acceptance('anna'))).toContain('only a result can be accepted or rejected');
    expect(await as.tom.refusal(result('tom'))).toContain("is the provider's to say");
    expect(await as.lee.refusal(result('kim'))).toContain(
      `you are ${userOf('lee')} and cannot speak as ${userOf('kim')}`,
    );
    await as.kim(result('kim'));
    await says('chg/ends', 'Accepted', 'False/AwaitingAcceptance');
    expect(await as.kim.refusal(patch({ plan: ['other'] }))).toContain('the result is written');
    expect(await as.kim.refusal(acceptance('kim'))).toContain("is the customer's to accept");
    expect(await as.tom.refusal(acceptance('tom'))).toContain("is the customer's to accept");
    expect(await as.ben.refusal(acceptance('anna'))).toContain(`cannot speak as ${userOf('anna')}`);
    await as.anna(acceptance('anna', 'Reject'));
    await says('chg/ends', 'Accepted', 'False/NotAccepted');
    await as.anna(acceptance('anna'));
    await says('chg/ends', 'Accepted', 'True/Accepted');
    await says('chg/ends', 'Ready', 'True/Closed');
    expect(await as.kim.refusal(result('kim').replace('1h30m', '9h'))).toContain('the result is accepted');
  });
});

describe('MO-2, GE-2: an order', () => {
  it('of a service that nobody serves yet is refused with a sentence', async () => {
    await as.tom('create -f -', order('saving', { service: 'Backup', description: undefined }));
    expect(await says('req/saving', 'Accepted', 'False/NotServedYet')).toContain('Backup is not served yet.');
  });

  it('that is urgent is written by who may decide for a party: it is done before anybody has agreed (GE-6)', async () => {
    const urgent = { service: 'PatchRun', description: undefined, urgent: {} };
    await refused('tom', order('urgent', urgent), 'an emergency is done first and agreed to afterwards');
    await as.kim('create --dry-run=server -f -', order('urgent', { ...urgent, requestedBy: userOf('kim') }));
  });

  it('is carried out by one change, which both parties must agree to, he who ordered it included', async () => {
    await as.tom('create -f -', order('tune'));
    await says('req/tune', 'Accepted', 'False/TargetNotFound');
    await admin('apply -f -', operatingSystem);
    await admin('apply -f -', virtualMachine('shop-db', { serviceLevel: 'Admin' }));
    await says('req/tune', 'Accepted', 'True/ChangeMade');
    const name = await admin('get req tune -n acme -o jsonpath={.status.change.name}');
    const { spec, metadata } = JSON.parse(await admin(`get chg ${name} -n acme -o json`)) as Manifest;
    expect(spec).toMatchObject({
      requestedBy: 'steward',
      plan: ['Tune the kernel'],
      reason: expect.stringContaining(userOf('tom')),
    });
    expect(metadata).toMatchObject({ ownerReferences: [{ kind: 'ServiceRequest', name: 'tune', controller: true }] });
    await says(`chg/${name}`, 'Agreed', 'False/AwaitingAgreement');

    // Whoever does the work writes the exact plan over it, and Steward leaves that alone.
    const first = await planOf(name);
    await as.kim(`patch chg ${name} -n acme --type merge -p {"spec":{"plan":["sysctl"]}}`);
    const plan = await planOf(name, first);
    await decide('lee', decision('for-provider', name, plan, { party: 'Provider' }));
    await decide('anna', decision('for-customer', name, plan));
    await says(`chg/${name}`, 'Agreed', 'True/Agreed');
    const result = { outcome: 'Succeeded', finishedAt: now(), by: userOf('kim'), effort: '2h' };
    await as.kim(`patch chg ${name} -n acme --type merge -p ${JSON.stringify({ spec: { result } })}`);
    await says('req/tune', 'Done', 'True/Succeeded');
    expect(await admin('get req tune -n acme -o jsonpath={.status.effort}')).toBe('2h');
    expect(await admin(`get chg ${name} -n acme -o jsonpath={.spec.plan}`)).toBe('["sysctl"]');
  });

  it('whose change is gone says so, and no other is made in its place (GE-8)', async () => {
    await as.tom('create -f -', order('lost'));
    await says('req/lost', 'Accepted', 'True/ChangeMade');
    const name = await admin('get req lost -n acme -o jsonpath={.status.change.name}');
    await admin(`delete chg ${name} -n acme`);
    await says('req/lost', 'Stalled', 'True/ChangeLost');
    expect(await admin(`get chg ${name} -n acme --ignore-not-found`)).toBe('');
  });
});

describe('MO-14: an incident', () => {
  const [startsAt, fingerprint] = ['2026-12-01T11:00:00Z', 'abcdef0123456789'];
  const ofAlert = {
    subject: { kind: 'ManagedVM', name: 'shop-db', uid: '6c0b4b5c-0000-4000-8000-000000000001' },
    alert: { name: 'ManagedVMDown', severity: 'critical', fingerprint, startsAt },
    ...{ detectedAt: startsAt, proof: { verdict: 'Proven', at: startsAt } },
  };
  const report = (name: string, by: Person, spec: object = {}): Manifest => ({
    ...{ apiVersion, kind: 'Incident', metadata: { name, namespace: 'acme' } },
    spec: {
      ...{ subject: { kind: 'ManagedVM', name: 'shop-db' }, report: { by: userOf(by), text: 'The shop is slow' } },
      ...spec,
    },
  });
  /** A command is split at its blanks. */
  const patch = (name: string, part: object) =>
    `patch inc ${name} -n acme --type merge -p ${JSON.stringify(part).replaceAll(' ', '\\u0020')}`;
  const does = (person: Person, name: string, handling: object) => as[person](patch(name, { spec: { handling } }));
  const mayNot = (person: Person, name: string, handling: object) =>
    as[person].refusal(patch(name, { spec: { handling } }));
  const stands = (name: string, phase: string) =>
    vi.waitFor(
      async () => expect(await admin(`get inc ${name} -n acme -o jsonpath={.status.phase}`)).toBe(phase),
      PATIENCE,
    );

  it('is reported in nobody else’s name, and with nothing in it that is Steward’s to say; of an alert by nobody', async () => {
    await refused('tom', report('forged', 'anna'), `you are ${userOf('tom')} and cannot report as ${userOf('anna')}`);
    const rating = { incident: 'x', impact: 1, urgency: 1, priority: 'P1', reason: 'x', scope: 'OperatingSystem' };
    const more = { rating: { ...rating, billing: 'Included' } };
    await refused('tom', report('rated', 'tom', more), 'one that was copied or restored is none');
    await refused('tom', report('done', 'tom', { handling: { assignee: 'kim' } }), 'one that was copied or restored');
    const { spec: _, ...bare } = report('alert', 'tom');
    await refused('mallory', { ...bare, spec: ofAlert }, "written by Steward's receiver");
    await refused('eve', report('elsewhere', 'eve'), 'forbidden');
  });

  it('is taken up, waits for the customer and is resolved by the provider, each in his own name', async () => {
    await as.tom('create -f -', report('slow', 'tom'));
    await says('inc/slow', 'Responded', 'False/NobodyHasBegun');
    expect(await mayNot('tom', 'slow', { acknowledgedBy: userOf('tom') })).toContain('takes the verb handle');
    expect(await mayNot('mallory', 'slow', { acknowledgedBy: userOf('mallory') })).toContain('takes the verb handle');
    expect(await mayNot('kim', 'slow', { acknowledgedBy: userOf('lee') })).toContain(
      `cannot acknowledge as ${userOf('lee')}`,
    );
    await does('kim', 'slow', { acknowledgedBy: userOf('kim'), assignee: userOf('lee') });
    await stands('slow', 'InProgress');
    expect(await mayNot('lee', 'slow', { acknowledgedBy: null })).toContain('not taken back');
    const wait = (by: Person) => ({ waitingForCustomer: { reason: 'Which page?', by: userOf(by) } });
    expect(await mayNot('kim', 'slow', wait('lee'))).toContain(`cannot speak as ${userOf('lee')}`);
    expect(await mayNot('tom', 'slow', wait('tom'))).toContain('takes the verb handle');
    await does('lee', 'slow', wait('lee'));
    await stands('slow', 'WaitingForCustomer');
    const note = { by: userOf('tom'), text: 'The cart' };
    expect(await mayNot('tom', 'slow', { notes: [{ ...note, by: userOf('kim') }] })).toContain("in another's name");
    await does('tom', 'slow', { notes: [note], waitingForCustomer: null });
    await stands('slow', 'InProgress');
    expect(await mayNot('tom', 'slow', { notes: [{ ...note, text: 'Another' }] })).toContain('none is changed');
    const resolution = { outcome: 'Mended', cause: 'An index was missing', by: userOf('lee'), effort: '1h' };
    expect(await mayNot('kim', 'slow', { resolution })).toContain(`cannot speak as ${userOf('lee')}`);
    await does('lee', 'slow', { resolution });
    await says('inc/slow', 'Resolved', 'True/Mended');
    expect(await mayNot('tom', 'slow', { resolution: null })).toContain('says why in a note');
    await does('tom', 'slow', { resolution: null, notes: [note, { ...note, text: 'Slow again' }] });
    await stands('slow', 'InProgress');
    const told = await admin('get inc slow -n acme -o jsonpath={.status.timeline[*].what}');
    expect(told).toBe('Detected Responded Waiting Continued Resolved Reopened');
  });

  it('keeps what happened, and its clocks and its end are nobody’s to write but Steward’s (GE-8)', async () => {
    await as.tom('create -f -', report('kept', 'tom'));
    await stands('kept', 'New');
    const spec = (part: object) => as.kim.refusal(patch('kept', { spec: part }));
    expect(await spec({ report: { text: 'Nothing' } })).toContain('what happened is written once');
    expect(await spec({ signals: [{ at: startsAt, firing: false }] })).not.toBe('');
    expect(
      await as.mallory.refusal(`${patch('kept', { status: { phase: 'Closed' } })} --subresource status`),
    ).toContain('written by Steward only');
    expect(await as.tom.refusal('delete inc kept -n acme')).toContain('forbidden');
  });
});

describe('Must show 3: docs/changes.md, a change from request to acceptance by kubectl alone', () => {
  const page = join(import.meta.dirname, '../../docs/changes.md');

  it('reads as it runs (GE-2, GE-6, GE-13)', { timeout: 300_000 }, async () => {
    await admin('delete clusterrolebinding staff');
    await admin('apply -f -', operatingSystem);
    await admin('apply -f -', virtualMachine('db', { serviceLevel: 'Admin' }, 'shop'));
    const terminal = await openTerminal(cluster.bed);
    let text = await readFile(page, 'utf8');
    const steps = stepsOf(text);
    expect(steps.length).toBeGreaterThan(15);
    for (const step of steps) {
      if (WRITE)
        text = text.replace(`${step.command}\n${step.output}`, `${step.command}\n${await terminal.type(step)}`);
      else
        await vi.waitFor(
          async () => expect(steady(await terminal.type(step)), step.command).toBe(steady(step.output)),
          PATIENCE,
        );
    }
    if (WRITE) await writeFile(page, text);
  });
});

it('the roles of the chart were enough: no call of the operator was refused (Must show 2)', () =>
  expectNoRefusals(cluster));
