/**
 * A PostgreSQL of the catalogue that does not run, in a guest that boots, at each level: at Basic nobody starts it, at Expert it is started at every hour, at
 * Advanced when the core hours begin, and in them at once (AP-3, AP-4, AP-11, MO-13, GE-3). What tells of it are its own probes.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeRequest } from '../../src/api/changerequest.ts';
import { incident } from '../../src/api/incident.ts';
import { managedApplication } from '../../src/api/managedapplication.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import type { Any } from '../integration/support/api.ts';
import { eventually } from '../integration/support/eventually.ts';
import { agree, calendarOf, opensAt } from './support/agreement.ts';
import { Applications } from './support/applications.ts';
import { BOOT, Guests } from './support/guests.ts';
import { Incidents, isOf, MENDED, TOLD, tell } from './support/incidents.ts';

const MINUTE = 60_000;
const VM = 'shop-db';
const ORDER = 'orders';
const UNIT = 'postgresql@17-main.service';
const LEVEL = 'MonitoringAndPatching';
/** Minutes until core hours begin: the alerts must have fired by then. */
const OPENS = 12;
/** Hours that are no core hours. */
const LATER = 6;
/** Of one that is stopped both fail. */
const PROBES = ['listens', 'transaction'];

let guests: Guests;
let applications: Applications;
let incidents: Incidents;

const inMinutes = (minutes: number) => new Date(Math.ceil(Date.now() / MINUTE + minutes) * MINUTE);

beforeAll(async () => {
  guests = await Guests.in('applicationincidents');
  applications = await Applications.of(guests);
  incidents = new Incidents(guests);
  await applications.offer('postgresql');
  // Its hours are those of the plan of its VM.
  await agree(guests.namespace, [[LEVEL, opensAt(inMinutes(LATER * 60))]]);
  await guests.order(VM, { serviceLevel: LEVEL, memory: '1Gi' });
  await guests.configured(VM);
  await applications.prepare(VM);
  await applications.order(ORDER, VM, { product: 'postgresql', line: '17', serviceLevel: 'Basic' });
  await applications.says(ORDER, WORKS);
}, 3 * BOOT);

afterAll(async () => {
  await applications?.close();
  await guests?.close();
});

const WORKS = { Available: 'True/ProbesSucceed', Provisioned: 'True/Installed', Configured: 'True/AsPlanned' };
const STOP = `systemctl stop ${UNIT}`;
const KILL = `systemctl kill --signal=KILL ${UNIT}`;
const state = () => guests.asRoot(VM, `systemctl is-active ${UNIT} || :`);

/** The Incidents of its probes at a level, once there is one for each. */
async function troubleAt(level: string): Promise<readonly Any[]> {
  const found: Any[] = [];
  for (const probe of PROBES)
    found.push(await incidents.of(ORDER, 'ManagedApplicationProbeFailed', { probe, service_level: level }));
  return found;
}

/** They are all over, and of the steps that were taken for any of them so many have helped. */
function mended(level: string, times: number, timeout = TOLD + MENDED): Promise<readonly Any[]> {
  return eventually(
    async () => {
      const all = await guests.api.list(incident, guests.namespace);
      const own = all.filter(({ spec }) =>
        isOf(spec, ORDER, 'ManagedApplicationProbeFailed', { service_level: level }),
      );
      expect(
        own.map(({ status }) => status?.phase),
        own.map(({ status }) => status?.message).join(' '),
      ).toEqual(PROBES.map(() => 'Resolved'));
      // What found the probe healthy again came too late to do anything.
      const steps = stepsOf(own).filter(({ outcome }) => outcome !== 'Skipped');
      expect(steps.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
        Array.from({ length: times }, () => 'RestartUnit Succeeded'),
      );
      return own;
    },
    timeout,
    1_000,
  );
}

const stepsOf = (all: readonly Any[]): readonly Any[] =>
  all.flatMap(({ status }) => status?.remediation ?? []).toSorted((a, b) => (a.at < b.at ? -1 : 1));

/** Changes by which something was to be mended, the first one first. */
async function remedies(): Promise<readonly Any[]> {
  const changes = await guests.api.list(changeRequest, guests.namespace);
  const at = ({ metadata }: Any) => metadata.creationTimestamp;
  return changes.filter(({ spec }) => spec.remedy !== undefined).toSorted((a, b) => (at(a) < at(b) ? -1 : 1));
}

/** Ordered at another level, and set up as that has it. */
async function orderAt(serviceLevel: string): Promise<void> {
  await guests.api.edit(managedApplication, guests.namespace, ORDER, { spec: { serviceLevel } });
  await applications.says(ORDER, WORKS);
}

describe('a PostgreSQL of the catalogue that does not run', () => {
  test(
    'AP-3, GE-3: at Basic it is told, by effort, and nobody starts it: neither a ladder nor the settings of its guest',
    async () => {
      await guests.asRoot(VM, STOP);
      const seen = await troubleAt('Basic');
      await applications.says(ORDER, { Available: 'False/ProbeFailed', Provisioned: 'False/StepsDiffer' });
      for (const { metadata, spec } of seen) {
        expect(spec.proof.verdict, spec.proof.message).toBe('Proven');
        expect(spec.rating).toMatchObject({ scope: 'Application', billing: 'ByEffort' });
        expect(spec.terms).toBeUndefined();
        const now = await guests.api.get(incident, guests.namespace, metadata.name);
        expect(now.status.message).toContain('on order, by effort');
        expect(now.status.remediation).toBeUndefined();
        tell(now);
      }
      expect(await state()).toBe('inactive');
      expect(await remedies()).toEqual([]);
      await guests.asRoot(VM, `systemctl start ${UNIT}`);
      for (const each of seen) await incidents.reaches(each, 'Resolved');
    },
    2 * TOLD + MENDED,
  );

  test(
    'AP-4, AP-11: at Expert one that is killed is started at an hour that is no core hour, judged by its probes, and written down',
    async () => {
      await orderAt('Expert');
      await guests.asRoot(VM, KILL);
      for (const { spec } of await troubleAt('Expert')) {
        expect(spec.rating).toMatchObject({ scope: 'Application', billing: 'Included', priority: 'P1' });
        expect(spec.terms.calendar).toBeUndefined();
      }
      const over = await mended('Expert', 1);
      expect(await state()).toBe('active');
      const [first] = await remedies();
      expect([first.spec]).toMatchObject([
        {
          ...{ class: 'Standard', operation: 'Remedy', target: { kind: 'ManagedVM', name: VM } },
          remedy: { action: 'RestartUnit', unit: UNIT, application: { name: ORDER } },
          result: { outcome: 'Succeeded' },
        },
      ]);
      for (const each of over) tell(each);
    },
    2 * BOOT + 2 * TOLD + MENDED,
  );

  test(
    'AP-3, GE-5: at Advanced it is queued by night, and started when the core hours begin',
    async () => {
      await orderAt('Advanced');
      const opening = inMinutes(OPENS);
      await guests.api.edit(serviceCalendar, '', calendarOf(guests.namespace, LEVEL), { spec: opensAt(opening) });
      await guests.asRoot(VM, STOP);
      const seen = await troubleAt('Advanced');
      for (const each of seen) {
        expect(each.spec.terms.calendar).toBeDefined();
        if (Date.now() < opening.getTime()) await incidents.reaches(each, 'Queued', opening.getTime() - Date.now());
      }
      if (Date.now() < opening.getTime()) expect(await state()).toBe('inactive');
      const over = await mended('Advanced', 1);
      const [step] = stepsOf(over);
      expect(Date.parse(step.at)).toBeGreaterThanOrEqual(opening.getTime());
      expect(await state()).toBe('active');
      for (const each of over) tell(each);
    },
    2 * BOOT + 2 * TOLD + MENDED,
  );

  test(
    'AP-3: at Advanced it is started at once by day',
    async () => {
      await guests.asRoot(VM, STOP);
      const over = await mended('Advanced', 2);
      expect(over.flatMap(({ status }) => status.timeline).map(({ what }) => what)).toContain('Reopened');
      expect(await state()).toBe('active');
      for (const each of over) tell(each);
    },
    TOLD + MENDED,
  );
});
