import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { promisesOf, type Sample } from '../../hack/steward/promises.ts';
import { BackupPolicySpec } from '../../src/api/backuppolicy.ts';
import { kinds } from '../../src/api/kinds.ts';
import { ManagedApplicationSpec } from '../../src/api/managedapplication.ts';
import { ManagedVMSpec } from '../../src/api/managedvm.ts';
import { OperatingSystemSpec } from '../../src/api/operatingsystem.ts';
import { PatchPolicySpec } from '../../src/api/patchpolicy.ts';
import { ProductSpec } from '../../src/api/product.ts';
import { ServiceCalendarSpec } from '../../src/api/servicecalendar.ts';
import { readSettings } from '../../src/controllers/settings.ts';
import { orderedModules } from '../../src/domain/application/modules.ts';
import { readParameters } from '../../src/domain/application/parameters.ts';
import { backupPlan } from '../../src/domain/backup/backupplan.ts';
import { CONDITIONS } from '../../src/domain/managedvm/conditions.ts';
import { businessTime, isOpen } from '../../src/domain/time/businesstime.ts';

const folder = resolve(import.meta.dirname, '../../config/samples');
const now = new Date('2026-11-23T12:00:00Z');

type Read = Sample & { readonly metadata: { readonly name: string }; readonly spec: unknown };
let samples: readonly Read[];
const ofKind = (kind: string): readonly Read[] => samples.filter(sample => sample.kind === kind);

beforeAll(async () => {
  const files = (await readdir(folder)).filter(file => file !== 'kustomization.yaml');
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')));
  samples = texts.flatMap(text => parseAllDocuments(text).map(document => document.toJS() as Read));
});

test('kustomize takes every file', async () => {
  const { resources } = parse(await readFile(join(folder, 'kustomization.yaml'), 'utf8')) as { resources: string[] };
  const files = (await readdir(folder)).filter(file => file !== 'kustomization.yaml');
  expect(resources.toSorted()).toEqual(['../products', ...files].sort());
});

test('every sample of ours is valid, is named well and promises something that the demo can check', () => {
  for (const sample of samples) {
    const kind = kinds.find(each => each.kind === sample.kind);
    if (!kind) continue;
    expect(kind.spec.safeParse(sample.spec).error, sample.metadata.name).toBeUndefined();
    expect(kind.validations.filter(rule => !rule.holds(sample))).toEqual([]);
    const promises = promisesOf(sample);
    expect(promises.length, sample.metadata.name).toBeGreaterThan(0);
    if (sample.kind === 'ManagedVM') for (const { type } of promises) expect(Object.keys(CONDITIONS)).toContain(type);
  }
});

describe('the ManagedVMs', () => {
  test('are Linux at every level and Windows at the levels it may have (MO-7)', () => {
    const catalogue = new Map(
      ofKind('OperatingSystem').map(({ metadata, spec }) => [metadata.name, OperatingSystemSpec.parse(spec)]),
    );
    const ordered = ofKind('ManagedVM').map(({ spec }) => {
      const { operatingSystem, serviceLevel } = ManagedVMSpec.parse(spec);
      const system = catalogue.get(operatingSystem);
      expect(system?.serviceLevels).toContain(serviceLevel);
      return `${system?.family} ${serviceLevel}`;
    });
    expect([...new Set(ordered)].sort()).toEqual([
      'Linux Admin',
      'Linux AdvancedMonitoringAndPatching',
      'Linux MonitoringAndPatching',
      'Windows Admin',
      'Windows AdvancedMonitoringAndPatching',
    ]);
  });

  test('name policies that are there', () => {
    for (const { spec } of ofKind('ManagedVM')) {
      const { backupPolicyRef: ref } = ManagedVMSpec.parse(spec);
      if (ref) expect(ofKind(ref.kind).map(({ metadata }) => metadata.name)).toContain(ref.name);
    }
    const patched = ofKind('ManagedVM').flatMap(({ spec }) => ManagedVMSpec.parse(spec).patchPolicyRef ?? []);
    const named = patched.map(({ kind, name }) => ofKind(kind).some(({ metadata }) => metadata.name === name));
    expect(named).toEqual([true]);
  });

  test('MO-4: name PatchPolicies whose windows are there', () => {
    const windows = ofKind('MaintenanceWindow').map(({ metadata }) => metadata.name);
    for (const { spec } of ofKind('PatchPolicy')) {
      for (const name of PatchPolicySpec.parse(spec).windowRefs) expect(windows).toContain(name);
    }
  });
});

test('AP-1: the ManagedApplications are orders that their Products take, on ManagedVMs that are there', async () => {
  for (const { spec } of ofKind('ManagedApplication')) {
    const order = ManagedApplicationSpec.parse(spec);
    const entry = parse(await readFile(join(folder, `../products/${order.product}.yaml`), 'utf8'));
    const offered = ProductSpec.parse(entry.spec);
    expect(readParameters(offered, order.parameters).refusals).toBeUndefined();
    expect(orderedModules(offered, order.modules)).toHaveLength(order.modules?.length ?? 0);
    const [machine] = ofKind('ManagedVM').filter(({ metadata }) => order.managedVMs.includes(metadata.name));
    const { operatingSystem, serviceLevel } = ManagedVMSpec.parse(machine?.spec);
    const line = offered.lines.find(({ name }) => name === order.line);
    expect(line?.operatingSystems.map(({ name }) => name)).toContain(operatingSystem);
    expect(serviceLevel).not.toBe('Admin');
  }
});

test('every policy on backups can be kept: no gap between its runs reaches the objective', () => {
  for (const { spec } of [...ofKind('BackupPolicy'), ...ofKind('ClusterBackupPolicy')])
    expect(
      backupPlan(BackupPolicySpec.parse(spec), readSettings({}, 'host').backupBounds, now).problem,
    ).toBeUndefined();
});

test('GE-5: the ServiceCalendars are regular hours in Hannover and 24/7', () => {
  const calendars = new Map(
    ofKind('ServiceCalendar').map(({ metadata, spec }) => [metadata.name, ServiceCalendarSpec.parse(spec)]),
  );
  const [from, to] = [new Date('2026-12-21T00:00:00Z'), new Date('2026-12-28T00:00:00Z')];
  const hours = [...calendars].map(([name, calendar]) => [name, businessTime(calendar, from, to) / 3_600_000]);
  // The Friday of that week is Christmas Day.
  expect(hours).toEqual([
    ['lower-saxony', 36],
    ['round-the-clock', 168],
  ]);
  const nine = new Date('2026-12-21T08:00:00Z');
  expect([...calendars.values()].map(calendar => isOpen(calendar, nine))).toEqual([true, true]);
});

describe('the catalogue', () => {
  test('says for every system where its dates come from', () => {
    for (const { spec } of ofKind('OperatingSystem'))
      expect(OperatingSystemSpec.parse(spec).lifeCycle.source).toMatch(/^https:/);
  });

  test('has every DataSource that it names', () => {
    const sources = ofKind('DataSource').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    const named = ofKind('OperatingSystem').flatMap(({ spec }) => {
      const { dataSource } = OperatingSystemSpec.parse(spec).image;
      return dataSource ? [`${dataSource.namespace}/${dataSource.name}`] : [];
    });
    expect(sources.toSorted()).toEqual(named.toSorted());
  });
});
