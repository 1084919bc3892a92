import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowChangeName } from '../../domain/patching/windowchange.ts';
import { ApiError } from '../../runtime/api/errors.ts';
import { planOfCluster, planOfFolder, readPlanQuestion } from './preview.ts';

const question = { folder: undefined as string | undefined, namespace: undefined, at: undefined };
const now = new Date('2026-12-01T12:00:00Z');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-'));
});
afterAll(() => rm(folder, { recursive: true }));

const vm = (name: string, more = '', labels = '') => `
---
apiVersion: managed.systems/v1alpha1
kind: ManagedVM
metadata: {name: ${name}, namespace: acme${labels}}
spec: {serviceLevel: MonitoringAndPatching, operatingSystem: debian-13${more}}`;
const standard = (more = '') => `
apiVersion: managed.systems/v1alpha1
kind: ClusterPatchPolicy
metadata: {name: standard}
spec:
  namespaceSelector: {}
  windows: [{name: nightly, schedule: 0 3 * * *, duration: 2h}]
  rings: [{name: canary, namespaces: [acme], selector: {matchLabels: {ring: canary}}}, {name: rest}]${more}
`;
const missing = (name: string, severity: string, seen = '2026-11-01T00:00:00Z') =>
  `{package: ${name}, architecture: amd64, from: '1', versions: [{version: '2', firstSeen: '${seen}', security: true, severity: ${severity}}]}`;
const guest = (name: string, ...updates: string[]) => `
---
apiVersion: managed.systems/v1alpha1
kind: GuestState
metadata: {name: ${name}, namespace: acme}
spec: {managedVM: ManagedVM/acme/${name}}
status:
  updates:
    at: '2026-12-01T11:00:00Z'
    system: {id: debian}
    complete: true
    count: {Critical: 0, Important: 0, Moderate: 0, Low: 0, Unknown: 0}
    missing: [${updates.join(', ')}]
`;

async function planOf(text: string, more: Partial<typeof question> = {}): Promise<string> {
  await rm(folder, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'plan-'));
  await writeFile(join(folder, 'all.yaml'), text);
  return planOfFolder({ ...question, folder, ...more }, now).text;
}

describe('MO-3: steward plan', () => {
  it('prints what the next window installs and leaves in each guest, by ring, and whom it does not touch', async () => {
    const text = [
      standard(),
      vm('web', '', ', labels: {ring: canary}') +
        guest('web', missing('openssl', 'Important'), missing('curl', 'Important', '2026-12-01T10:00:00Z')),
      vm('db') + guest('db', missing('openssl', 'Important')),
      vm('off', ', powerState: Stopped') + vm('new'),
      vm('own').replace('MonitoringAndPatching', 'Admin'),
    ].join('');
    expect(
      await planOf(text),
    ).toBe(`ClusterPatchPolicy standard, window nightly of 2026-12-02: 2026-12-02T02:00:00Z to 2026-12-02T04:00:00Z, nothing installed from 2026-12-02T03:30:00Z on
  ring canary: 1 VM
    acme/web (debian-13, reboot IfRequired): 1 to install, 1 to leave
      + openssl 1 -> 2 (Important, security)
      - curl 1 -> 2 (Important, security): it is approved from 2026-12-04T10:00:00Z on
  ring rest: 3 VMs
    acme/db (debian-13, reboot IfRequired): 0 to install, 1 to leave
      - openssl 1 -> 2 (Important, security): ring canary has not proven it yet (MO-11)
    acme/new (debian-13, reboot IfRequired): what is missing is not known yet
    acme/off (debian-13, reboot IfRequired): held, it is powered off as ordered.

not patched
  acme/own: NotIncluded: Service level Admin does not include patching (MO-3).
`);
  });

  it('says the same whatever the order of manifests, and whenever it is asked before the window', async () => {
    const parts = [standard(), vm('a'), vm('b'), vm('c')];
    const first = await planOf(parts.join(''));
    const backwards = [...parts.slice(1).reverse(), `\n---${standard()}`].join('');
    expect(await planOf(backwards, { at: new Date('2026-12-01T20:00:00Z') } as never)).toBe(first);
  });

  const change = (until: string, agreed: string) => {
    const name = windowChangeName('a1', { window: 'nightly', date: '2026-12-02' });
    return `
---
apiVersion: managed.systems/v1alpha1
kind: ChangeRequest
metadata: {name: ${name}, namespace: acme, generation: 1}
spec:
  title: Patches
  class: Standard
  operation: PatchRun
  target: {kind: ClusterPatchPolicy, name: standard, uid: a1}
  plan: [Patches]
  reason: Patches
  risk: {rating: Low, reasons: [none]}
  wayBack: none
  window: {notBefore: '2026-12-02T02:00:00Z', notAfter: '2026-12-02T05:00:00Z'}
  postponableUntil: '2026-12-04T02:00:00Z'
  preApprovedBy: {kind: ClusterPatchPolicy, name: standard}
  requestedBy: steward
status:
  observedGeneration: 1
  window: {notBefore: '${until}', notAfter: '2026-12-04T05:00:00Z'}
  conditions: [{type: Agreed, status: '${agreed}', reason: Rejected, message: x, lastTransitionTime: '2026-12-01T00:00:00Z'}]
`;
  };
  const policy = standard().replace('name: standard}', 'name: standard, uid: a1}');
  const opens = async (text: string, at?: string) =>
    /window nightly of \S+: \S+/.exec(await planOf(text, at === undefined ? {} : ({ at: new Date(at) } as never)))?.[0];

  it('tells the window as an Approver of the customer has postponed it, and none whose change was refused (GE-4, GE-6)', async () => {
    const later = policy + vm('a') + change('2026-12-02T12:00:00Z', 'True');
    expect(await opens(later)).toBe('window nightly of 2026-12-02: 2026-12-02T12:00:00Z');
    expect(await opens(later, '2026-12-02T13:00:00Z')).toBe('window nightly of 2026-12-02: 2026-12-02T12:00:00Z');
    expect(await opens(later, '2026-12-02T15:00:00Z')).toBe('window nightly of 2026-12-03: 2026-12-03T02:00:00Z');
    const latest = policy + vm('a') + change('2026-12-03T12:00:00Z', 'True');
    expect(await opens(latest)).toBe('window nightly of 2026-12-03: 2026-12-03T02:00:00Z');
    const refused = policy + vm('a') + change('2026-12-02T02:00:00Z', 'False');
    expect(await opens(refused)).toBe('window nightly of 2026-12-03: 2026-12-03T02:00:00Z');
  });

  it('asks for a namespace alone, and says of no VM that there is none', async () => {
    expect(await planOf(standard() + vm('a'), { namespace: 'other' } as never)).toBe('no ManagedVM\n');
  });

  it('says who is held by a suspension or a halt (MO-11)', async () => {
    expect(await planOf(standard('\n  suspend: true') + vm('a'))).toContain('held, suspended by the provider.');
    const halted =
      '\nstatus: {rings: [{name: canary, state: Halted, reason: Ring canary is halted., members: 1, running: 0, failed: 1}]}';
    expect(await planOf(standard(halted) + vm('a'))).toContain('held, Ring canary is halted.');
  });

  it('names the ManagedVM that it could not read, and the file that is no YAML', async () => {
    expect(await planOf(vm('a', ', powerState: Sideways'))).toMatch(/^not read, ManagedVM acme\/a: /);
    await expect(planOf('a: [')).rejects.toThrow('all.yaml');
  });

  it('reads the samples, as they lie in the repository', async () => {
    const samples = join(import.meta.dirname, '../../../config/samples');
    const { text, isWhole } = planOfFolder({ ...question, folder: samples }, now);
    expect(isWhole).toBe(true);
    expect(text).toContain(', window ');
  });

  it('asks the cluster for each kind, and says what it may not read', async () => {
    const paths: string[] = [];
    const call = ({ path }: { path: string }) => {
      paths.push(path.split('?')[0] ?? '');
      if (path.includes('contracts')) return Promise.reject(new ApiError(403, 'Forbidden', 'contracts are forbidden'));
      return Promise.resolve({ value: { items: [], metadata: {} } });
    };
    const { text, isWhole } = await planOfCluster({ call } as never, question, now);
    expect([text, isWhole]).toEqual(['not read, contracts: contracts are forbidden\nno ManagedVM\n', false]);
    expect(paths).toContain('/apis/managed.systems/v1alpha1/guststates'.replace('gust', 'guest'));
  });

  it.each<[string[], boolean]>([
    [[], true],
    [['-f', 'x', '-n', 'acme', '--at', '2026-12-01T20:00:00Z'], true],
    [['-f'], false],
    [['--at', 'tomorrow'], false],
    [['x'], false],
    [['-n', 'a', '-n', 'b'], false],
  ])('understands its command line or says how it is called: %j', (words, isUnderstood) => {
    expect(readPlanQuestion(words) !== undefined).toBe(isUnderstood);
  });
});
