import { describe, expect, it } from 'vitest';
import { changeRequest } from '../../api/changerequest.ts';
import { incident } from '../../api/incident.ts';
import { maintenanceWindow } from '../../api/maintenancewindow.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { product } from '../../api/product.ts';
import { restore } from '../../api/restore.ts';
import { application, product as entry } from '../../domain/application/product.fixtures.ts';
import { LADDER, LADDERED } from '../../domain/application/remediation.fixtures.ts';
import { alertSpec, incidentOf, termsOf } from '../../domain/incident/incident.fixtures.ts';
import { managedVM as order, operatingSystem as system } from '../../domain/managedvm/assessment.fixtures.ts';
import { REACHED } from '../../domain/remediation/reached.fixtures.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { readerOver } from '../preview/objectreader.ts';
import { aboutSubject, SUBJECT_INDEX } from '../problem/incidents.ts';
import { remedyFacts } from './gather.ts';
import { REMEDY_WATCHES, Remediator } from './remediation.ts';

const NOW = new Date('2026-12-01T11:01:00Z');
const VM_UID = '6c0b4b5c-0000-4000-8000-000000000001';
const APP_UID = '7c0b4b5c-0000-4000-8000-000000000001';
const INCIDENT_UID = '1c0b4b5c-0000-4000-8000-000000000001';

type Fields = Readonly<Record<string, unknown>>;

const machine = (() => {
  const vm = order({ services: ['postgresql@17-main'] });
  return {
    ...vm,
    metadata: { ...vm.metadata, name: 'shop-db', namespace: 'acme', uid: VM_UID },
    status: { conditions: [REACHED] },
  };
})();
const ordered = (name: string, uid: string, more: { spec?: Fields; status?: Fields } = {}) => {
  const made = application(more.spec);
  return { ...made, metadata: { ...made.metadata, name, namespace: 'acme', uid }, status: more.status ?? {} };
};
const works = (status: string) => ({ conditions: [{ type: 'Available', status, reason: 'x', message: '' }] });
const opened = (spec: Fields = {}, more: { uid?: string; status?: Fields } = {}) => {
  const uid = more.uid ?? INCIDENT_UID;
  const rating = {
    ...{ incident: uid, impact: 1, urgency: 1, priority: 'P1', reason: '', scope: 'Application', billing: 'Included' },
  };
  const alert = {
    ...{ name: 'ManagedApplicationProbeFailed', labels: [{ name: 'probe', value: 'transaction' }] },
  };
  const subject = { kind: 'ManagedApplication', name: 'orders', uid: APP_UID };
  const made = incidentOf(alertSpec({ subject, rating, terms: termsOf('30m', '4h', 'always'), ...spec }, alert));
  return { ...made, metadata: { ...made.metadata, uid, name: `inc-${uid.slice(-4)}` }, ...(more.status && more) };
};

type World = {
  readonly applications?: readonly object[];
  readonly more?: readonly { kind: object; objects: object[] }[];
};

function readOf(
  { applications = [ordered('orders', APP_UID)], more = [] }: World = {},
  incidents: readonly object[] = [],
) {
  const kinds = [
    { kind: operatingSystem, objects: [system()] },
    { kind: managedVM, objects: [machine] },
    { kind: managedApplication, objects: applications },
    { kind: product, objects: [entry({ ...LADDERED, remediation: LADDER })] },
    { kind: incident, objects: incidents },
    ...[changeRequest, restore, maintenanceWindow].map(kind => ({ kind, objects: [] })),
  ].map(each => more.find(({ kind }) => kind === each.kind) ?? each);
  const indexed = [...REMEDY_WATCHES, { kind: incident, indexes: { [SUBJECT_INDEX]: aboutSubject } }];
  return readerOver(kinds as never, indexed);
}
const factsIn = (world: World = {}, of = opened()) => remedyFacts(of, [], readOf(world, [of]), NOW);
const forbidding = (world: World) => factsIn(world).product?.forbidding;
const CLEAR = { WindowOpen: false, RunActive: false, RestoreInProgress: false, OtherApplicationHealthy: false };

describe('AP-3: what is known of an application outside of its guest', () => {
  it('is that nothing stands against it, where nothing does', () => {
    expect(forbidding({})).toEqual(CLEAR);
    expect(factsIn()).toMatchObject({
      managedVM: { metadata: { uid: VM_UID } },
      product: { application: { name: 'orders', uid: APP_UID }, level: 'Expert', line: '17', product: 'postgresql' },
    });
  });

  const window = (schedule: string) => ({
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'MaintenanceWindow' },
    metadata: { name: 'night', namespace: 'acme' },
    spec: { schedule, timeZone: 'UTC', duration: '2h', cutoff: '45m' },
  });
  const inWindow = [ordered('orders', APP_UID, { spec: { windowRef: 'night' } })];
  const restored = (phase: string, name = 'orders') => ({
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'Restore', metadata: { name: 'r', namespace: 'acme' } },
    ...{ spec: { managedApplicationRef: name }, status: { phase } },
  });
  const refused = (kind: object) => [{ kind, refusal: { reason: 'Forbidden' } }] as never;
  const other = (status: string) => [ordered('orders', APP_UID), ordered('other', 'o', { status: works(status) })];

  it.each<[string, World, string, boolean | undefined]>([
    [
      'its window is open',
      { applications: inWindow, more: [{ kind: maintenanceWindow, objects: [window('0 10 * * *')] }] },
      'WindowOpen',
      true,
    ],
    [
      'its window is closed',
      { applications: inWindow, more: [{ kind: maintenanceWindow, objects: [window('0 2 * * *')] }] },
      'WindowOpen',
      false,
    ],
    [
      'its window cannot be read',
      { applications: inWindow, more: refused(maintenanceWindow) },
      'WindowOpen',
      undefined,
    ],
    [
      'its line is changed',
      { applications: [ordered('orders', APP_UID, { status: { lineChange: { phase: 'Changing' } } })] },
      'RunActive',
      true,
    ],
    [
      'it is updated',
      { applications: [ordered('orders', APP_UID, { status: { updates: [{ outcome: 'Running' }] } })] },
      'RunActive',
      true,
    ],
    ['changes cannot be read', { more: refused(changeRequest) }, 'RunActive', undefined],
    [
      'its data are restored',
      { more: [{ kind: restore, objects: [restored('Restoring')] }] },
      'RestoreInProgress',
      true,
    ],
    [
      'a restore has ended',
      { more: [{ kind: restore, objects: [restored('Succeeded')] }] },
      'RestoreInProgress',
      false,
    ],
    [
      'another is restored',
      { more: [{ kind: restore, objects: [restored('Restoring', 'x')] }] },
      'RestoreInProgress',
      false,
    ],
    ['restores cannot be read', { more: refused(restore) }, 'RestoreInProgress', undefined],
    ['another on the VM works', { applications: other('True') }, 'OtherApplicationHealthy', true],
    ['another on the VM does not work', { applications: other('False') }, 'OtherApplicationHealthy', false],
    ['of another nobody knows', { applications: other('Unknown') }, 'OtherApplicationHealthy', undefined],
  ])('where %s', (_, world, name, is) => {
    expect(forbidding(world)?.[name as keyof typeof CLEAR]).toBe(is);
  });

  it('says when the window closes that is open', () => {
    const world = { applications: inWindow, more: [{ kind: maintenanceWindow, objects: [window('0 10 * * *')] }] };
    expect(factsIn(world).product?.until).toEqual(new Date('2026-12-01T12:00:00Z'));
  });
});

describe('AP-3, GE-6: an incident of an application', () => {
  const step = { step: 0, action: 'Person', at: '2026-12-01T10:40:00Z', outcome: 'Forbidden' };

  it('makes one change of its VM, which names the application', async () => {
    const made: KubeObject[] = [];
    const object = opened() as unknown as Parameters<Remediator['of']>[0]['object'];
    const createOnce = (change: KubeObject) => Promise.resolve(made.push(change)).then(() => change);
    const told = new Remediator('Active').of({ object, read: readOf({}, [object]), now: NOW, createOnce });
    await told.carryOut();
    expect(made).toMatchObject([
      {
        metadata: { namespace: 'acme' },
        spec: {
          target: { kind: 'ManagedVM', name: 'shop-db', uid: VM_UID },
          remedy: { action: 'RestartUnit', application: { name: 'orders', uid: APP_UID } },
        },
      },
    ]);
  });

  it('knows when a person was called for another of the same application', () => {
    const earlier = opened({}, { uid: `${INCIDENT_UID.slice(0, -1)}2`, status: { remediation: [step] } });
    const of = opened();
    expect(remedyFacts(of, [], readOf({}, [of, earlier]), NOW).product?.called).toEqual([new Date(step.at)]);
  });

  it('of another incarnation of its name makes none (GE-8)', () => {
    expect(factsIn({ applications: [ordered('orders', 'another')] }).product).toBeUndefined();
  });

  it('of its VM, about a unit that its Product names, has its ladder too', () => {
    const about = (service: string) =>
      opened({
        subject: { kind: 'ManagedVM', name: 'shop-db', uid: VM_UID },
        alert: {
          ...opened().spec.alert,
          name: 'ManagedVMServiceNotRunning',
          labels: [{ name: 'service', value: service }],
        },
      });
    expect(factsIn({}, about('postgresql@17-main')).product?.application.uid).toBe(APP_UID);
    expect(factsIn({}, about('nginx')).product).toBeUndefined();
  });
});
