import { describe, expect, it } from 'vitest';
import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { type Incident, type IncidentSpec, incident } from '../../api/incident.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { restore } from '../../api/restore.ts';
import { alertSpec, incidentOf, termsOf } from '../../domain/incident/incident.fixtures.ts';
import { managedVM as order, operatingSystem as system } from '../../domain/managedvm/assessment.fixtures.ts';
import { REACHED } from '../../domain/remediation/reached.fixtures.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { readerOver } from '../preview/objectreader.ts';
import { aboutSubject, SUBJECT_INDEX } from '../problem/incidents.ts';
import type { RemediationMode } from '../settings.ts';
import { REMEDY_WATCHES, Remediator } from './remediation.ts';

const NOW = new Date('2026-12-01T11:01:00Z');
const uidOf = (index: number) => `6c0b4b5c-0000-4000-8000-${String(index).padStart(12, '0')}`;

/** A cluster with so many VMs of one tenant, each with an incident; what is made is seen once it is told to be. */
class Cluster {
  readonly made: (ChangeRequest & KubeObject)[] = [];
  readonly #vms: readonly (ManagedVM & KubeObject)[];
  readonly incidents: readonly (Incident & KubeObject)[];
  seen = true;
  failing = false;

  constructor(count: number, more: Partial<IncidentSpec> = {}, node?: (index: number) => string) {
    const all = Array.from({ length: count }, (_, index) => index);
    this.#vms = all.map(index => {
      const vm = order({ services: ['ssh'] });
      const metadata = { ...vm.metadata, name: `vm-${index}`, namespace: 'acme', uid: uidOf(index) };
      return { ...vm, metadata, status: { conditions: [REACHED], ...(node && { node: node(index) }) } } as ManagedVM &
        KubeObject;
    });
    this.incidents = all.map(index => {
      const spec = alertSpec({ subject: { kind: 'ManagedVM', name: `vm-${index}`, uid: uidOf(index) } });
      const uid = `1c0b4b5c-${String(index).padStart(4, '0')}`;
      const rating = {
        incident: uid,
        impact: 2,
        urgency: 1,
        priority: 'P2',
        reason: '',
        scope: 'OperatingSystem',
        billing: 'Included',
      } as const;
      const made = incidentOf({ ...spec, rating, terms: termsOf('1h', '8h', 'always'), ...more });
      return { ...made, metadata: { ...made.metadata, name: `inc-${index}`, uid } } as Incident & KubeObject;
    });
  }

  pass(remediator: Remediator, object: Incident & KubeObject, now = NOW) {
    const kinds = [
      { kind: operatingSystem, objects: [system() as KubeObject] },
      { kind: managedVM, objects: this.#vms },
      { kind: incident, objects: this.incidents },
      { kind: changeRequest, objects: this.seen ? this.made : [] },
      { kind: restore, objects: [] },
    ];
    const read = readerOver(kinds, [...REMEDY_WATCHES, { kind: incident, indexes: { [SUBJECT_INDEX]: aboutSubject } }]);
    const createOnce = async (change: KubeObject) => {
      await Promise.resolve();
      if (this.failing) throw new Error('the API server is away');
      const there = this.made.find(({ metadata }) => metadata.name === change.metadata.name);
      if (there !== undefined) return there;
      const metadata = { ...change.metadata, uid: `change-${this.made.length}`, creationTimestamp: now.toISOString() };
      this.made.push({ ...change, metadata } as ChangeRequest & KubeObject);
      return change;
    };
    return remediator.of({ object, read, now, createOnce });
  }

  /** All incidents in one moment, as after a start. */
  async passes(mode: RemediationMode | Remediator = 'Active', now = NOW): Promise<readonly string[]> {
    const remediator = typeof mode === 'string' ? new Remediator(mode) : mode;
    const told = this.incidents.map(each => this.pass(remediator, each, now));
    await Promise.allSettled(told.map(each => each.carryOut()));
    return told.map(({ message }) => message);
  }
}

describe('MO-6, GE-6: remedies of incidents', () => {
  it('make one change, whoever looks how often, in whatever process (GE-8)', async () => {
    const cluster = new Cluster(1);
    await cluster.passes();
    expect(cluster.made.map(({ metadata }) => metadata.name)).toEqual(['remedy-inc-0-1c0b4b5c-0']);
    await cluster.passes();
    // A second replica whose cache does not have it yet makes the same, which is there.
    cluster.seen = false;
    await cluster.passes();
    expect(cluster.made).toHaveLength(1);
  });

  it('are told in the incident: under way, and why nothing else is done', async () => {
    const cluster = new Cluster(1);
    await cluster.passes();
    const [object] = cluster.incidents;
    const told = object && cluster.pass(new Remediator('Active'), object);
    expect(told?.steps).toMatchObject([{ step: 0, action: 'RestartService', outcome: 'Running' }]);
    expect(told?.message).toBe('ChangeRequest remedy-inc-0-1c0b4b5c-0 is under way on this VM.');
  });

  it.each([
    [100, 20],
    [4, 1],
    [1, 1],
  ])('are made for no more than a fifth of %d VMs of a tenant that fail at once: %d', async (count, most) => {
    const cluster = new Cluster(count);
    cluster.seen = false;
    const remediator = new Remediator('Active');
    await cluster.passes(remediator);
    await cluster.passes(remediator);
    expect(cluster.made).toHaveLength(most);
  });

  it('are made for no more than a fifth of the VMs of a node, whoever they belong to', async () => {
    const cluster = new Cluster(100, {}, index => `node-${index % 50 === 0 ? 'a' : 'b'}`);
    await cluster.passes();
    const onA = cluster.made.filter(({ spec }) => ['vm-0', 'vm-50'].includes(spec.target.name));
    expect({ made: cluster.made.length, onA: onA.length }).toEqual({ made: 20, onA: 1 });
  });

  it('are tried again when the change could not be made', async () => {
    const cluster = new Cluster(1);
    const remediator = new Remediator('Active');
    cluster.failing = true;
    await cluster.passes(remediator);
    cluster.failing = false;
    await cluster.passes(remediator);
    expect(cluster.made).toHaveLength(1);
  });

  it('are only told in a dry run, and not even that where they are switched off', async () => {
    const cluster = new Cluster(1);
    expect(await cluster.passes('DryRun')).toEqual([
      'Remedies are set to DryRun: Steward would start service ssh where it does not run.',
    ]);
    await cluster.passes('Never');
    expect(cluster.made).toEqual([]);
  });

  it('say why a person was called, and the same whoever looks again: nothing is written for it', () => {
    const cluster = new Cluster(1, { alert: { ...alertSpec().alert, name: 'ManagedVMDown' } as IncidentSpec['alert'] });
    const [object] = cluster.incidents;
    if (object === undefined) throw new Error('no incident');
    const first = cluster.pass(new Remediator('Active'), object);
    expect(first.message).toBe('No remedy is declared for ManagedVMDown: a person is needed.');
    const called = { ...object, status: { ...object.status, remediation: [...first.steps] } };
    expect(cluster.pass(new Remediator('Active'), called).message).toBe(first.message);
    const taken = { ...called, spec: { ...called.spec, handling: { acknowledgedBy: 'kim' } } };
    expect(cluster.pass(new Remediator('Active'), taken).message).toContain('kim has taken it up');
  });

  it.each<[string, Partial<IncidentSpec>]>([
    ['is unproven', { proof: { verdict: 'Unproven', at: '2026-12-01T11:00:05Z' } }],
    ['is the rating of another, which was copied', { rating: undefined }],
    ['has no terms: nobody agreed to it', { terms: undefined }],
    ['is over', { signals: [{ at: '2026-12-01T11:00:30Z', firing: false }] }],
    ['is of a VM of another uid', { subject: { kind: 'ManagedVM', name: 'vm-0', uid: 'another' } }],
    ['is worked on by a person', { handling: { acknowledgedBy: 'kim' } }],
  ])('are none where the incident %s', async (_, more) => {
    const cluster = new Cluster(1, more);
    await cluster.passes();
    expect(cluster.made).toEqual([]);
  });
});
