/**
 * Incidents of guests that boot, told by their own sensors (MO-5, MO-6, MO-12, MO-13, MO-14, MO-15): a service that is killed is mended and written down, at
 * Monitoring & Patching when its core hours begin; a full disk is freed; what nobody can mend ends with a person; logins, accounts and memory are told; what
 * comes back opens a Problem.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queriesOf } from '../../hack/generate/dashboardqueries.ts';
import { generateDashboards } from '../../hack/generate/dashboards.ts';
import { incident } from '../../src/api/incident.ts';
import { problem } from '../../src/api/problem.ts';
import type { Any } from '../integration/support/api.ts';
import { eventually } from '../integration/support/eventually.ts';
import { BOOT, Guests, kubectlWith } from './support/guests.ts';

const MINUTE = 60_000;
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
/** Milliseconds from trouble to what is done about it: the alert's own delay, the sensors' intervals, a busy machine. */
const TOLD = 14 * MINUTE;
/** Milliseconds from a step of remedies to the end of the incident. */
const MENDED = 12 * MINUTE;
/** Minutes until the core hours of the second guest begin: its alert must have fired by then. */
const OPENS = 12;

let guests: Guests;
let opening: Date;

beforeAll(async () => {
  guests = await Guests.in('incidents');
  await guests.orderInTurn('day', {
    serviceLevel: 'AdvancedMonitoringAndPatching',
    services: ['systemd-resolved'],
  });
  await guests.orderInTurn('night', { services: ['systemd-resolved'] });
  for (const name of ['day', 'night']) {
    await guests.configured(name);
    await guests.reads(name, { Monitored: 'True/PrometheusWatches', EventsMonitored: 'True/EventsWatched' });
  }
  opening = new Date(Math.ceil(Date.now() / MINUTE + OPENS) * MINUTE);
  await agree(opening);
}, 2 * BOOT);

afterAll(() => guests?.close());

// All at once, so that the alerts' own delays pass together.
describe.concurrent('trouble in a guest', () => {
  test(
    'MO-6, MO-13, MO-14: a service that is killed becomes an Incident, is started, proven and resolved, with every instant',
    async () => {
      await guests.asRoot('day', 'systemctl stop systemd-resolved');
      const seen = await incidentOf('day', 'ManagedVMServiceNotRunning', { service: 'systemd-resolved' });
      expect(seen.spec.proof.verdict, seen.spec.proof.message).toBe('Proven');
      const over = await reaches(seen, 'Resolved');
      expect(over.status.remediation).toMatchObject([{ action: 'RestartService', outcome: 'Succeeded' }]);
      expect(over.spec.rating).toMatchObject({ scope: 'OperatingSystem', billing: 'Included' });
      expect(over.spec.rating.priority).toMatch(/^P[12]$/);
      expect(over.status.response).toMatchObject({ state: 'Stopped', breached: false });
      expect(over.status.resolution).toMatchObject({ breached: false });
      const happened: Any[] = over.status.timeline;
      expect(happened.map(({ what }) => what)).toEqual(['Detected', 'Responded', 'Resolved']);
      expect(happened.map(({ at }) => Date.parse(at))).toEqual(happened.map(({ at }) => Date.parse(at)).sort());
      expect(await guests.asRoot('day', 'systemctl is-active systemd-resolved')).toBe('active');
      tell(over);
    },
    TOLD + MENDED,
  );

  test(
    'MO-6, GE-5: the same at Monitoring & Patching outside of core hours is queued, and begun when they begin',
    async () => {
      await guests.asRoot('night', 'systemctl stop systemd-resolved');
      const seen = await incidentOf('night', 'ManagedVMServiceNotRunning');
      if (Date.now() < opening.getTime()) await reaches(seen, 'Queued', opening.getTime() - Date.now());
      const over = await reaches(seen, 'Resolved', TOLD + MENDED);
      expect(over.status.timeline.map(({ what }: Any) => what)).toEqual(['Detected', 'Responded', 'Resolved']);
      const [step] = over.status.remediation;
      expect(Date.parse(step.at)).toBeGreaterThanOrEqual(opening.getTime());
      expect(step).toMatchObject({ action: 'RestartService', outcome: 'Succeeded' });
      tell(over);
    },
    2 * TOLD + MENDED,
  );

  test(
    'MO-13: a file system that a rotated log fills is freed of it',
    async () => {
      await guests.asRoot('night', fill);
      const seen = await incidentOf('night', 'ManagedVMFileSystemFull');
      const over = await reaches(seen, 'Resolved', TOLD + MENDED);
      expect(over.status.remediation).toMatchObject([{ action: 'FreeSpace', outcome: 'Succeeded' }]);
      expect(await guests.asRoot('night', 'test -e /var/log/syslog.1 && echo there || echo gone')).toBe('gone');
      tell(over);
    },
    2 * TOLD + MENDED,
  );

  test(
    'MO-14: what a machine cannot mend ends with a person, in time',
    async () => {
      // A service that Steward does not put right by itself, as it does its own.
      await guests.asRoot('day', `${INSTALL} cron && systemctl mask --now cron`);
      await guests.edit('day', { services: ['systemd-resolved', 'cron'] });
      const seen = await incidentOf('day', 'ManagedVMServiceNotRunning', { service: 'cron' });
      const called = await eventually(
        async () => {
          const now = await guests.api.get(incident, guests.namespace, seen.metadata.name);
          expect(now.status?.message).toContain('person');
          return now;
        },
        TOLD + MENDED,
        1_000,
      );
      expect(called.status.response.breached).toBe(false);
      expect(called.status.phase).not.toMatch(/Resolved|Closed/);
      expect(await guests.asRoot('day', 'systemctl is-enabled cron || :')).toContain('masked');
      tell(called);
    },
    TOLD + MENDED,
  );

  test.each([
    ['somebody who tries passwords', 'ManagedVMLoginAttack', 'ssh_login_failed', tryPasswords],
    [
      'a new account',
      'ManagedVMAccountAdded',
      'account_added',
      'useradd -m mallory && echo mallory:$(head -c 12 /dev/urandom | base64) | chpasswd',
    ],
    [
      'a program ended for want of memory',
      'ManagedVMOutOfMemory',
      'oom_kill',
      'systemd-run --wait -p MemoryMax=20M -p MemorySwapMax=0 tail /dev/zero || :',
    ],
  ])(
    'MO-12: %s is told with the lines of the log, and a person looks at it',
    async (_, alert, event, command) => {
      await guests.asRoot('day', command);
      const seen = await incidentOf('day', alert);
      expect(seen.spec.proof.verdict, seen.spec.proof.message).toBe('Proven');
      expect(seen.spec.rating.scope).toBe('OperatingSystem');
      const told = await eventually(
        async () => {
          const now = await guests.api.get(incident, guests.namespace, seen.metadata.name);
          expect((now.status?.lines ?? []).map((line: Any) => line.event)).toContain(event);
          return now;
        },
        TOLD,
        1_000,
      );
      tell(told);
    },
    2 * TOLD,
  );
});

describe('a fault that comes back', () => {
  test(
    'MO-15: the third incident of an alarm of one system opens a Problem, and is mended as the first was',
    async () => {
      // Of this alarm and system there are two: a service that was mended, and one that a person was called for.
      const [first] = (await guests.api.list(incident, guests.namespace)).filter(({ spec }) =>
        isOf(spec, 'day', 'ManagedVMServiceNotRunning', { service: 'systemd-resolved' }),
      );
      await guests.asRoot('day', 'systemctl stop systemd-resolved');
      const opened = await eventually(
        async () => {
          const all = await guests.api.list(problem, guests.namespace);
          const [found] = all.filter(
            ({ spec }) => spec.subject.name === 'day' && spec.alert === 'ManagedVMServiceNotRunning',
          );
          expect(found?.status?.count).toBeGreaterThanOrEqual(3);
          return found;
        },
        TOLD,
        1_000,
      );
      expect(opened.spec).toMatchObject({
        subject: { kind: 'ManagedVM', name: 'day', uid: first.spec.subject.uid },
        alert: 'ManagedVMServiceNotRunning',
        opened: { because: 'Recurrence' },
      });
      expect((await reaches(first, 'Resolved')).status.problem).toBe(opened.metadata.name);
      expect(await guests.asRoot('day', 'systemctl is-active systemd-resolved')).toBe('active');
      console.log(
        `${opened.metadata.name}: ${opened.spec.alert} of ${opened.spec.subject.name}, ${opened.status.phase}, ${opened.status.count} incidents`,
      );
    },
    TOLD + MENDED,
  );
});

/** No policy of patches or backups is ordered here. */
const NOT_HERE = ['steward_patch_', 'steward_backup_'];

test('MO-12: each query of the dashboard of one VM has an answer of a guest', async () => {
  const file = generateDashboards().get('charts/steward/files/dashboards/managedvm.json') ?? '';
  const queries = queriesOf(file).map(query =>
    query.replaceAll('$namespace', guests.namespace).replaceAll('$managed_vm', 'day'),
  );
  const asked = queries.filter(query => !NOT_HERE.some(series => query.includes(series)));
  expect(asked.length).toBeGreaterThanOrEqual(11);
  const answers = await Promise.all(asked.map(async query => [query, await guests.measured(query)] as const));
  expect(answers.flatMap(([query, samples]) => (samples.length === 0 ? [query] : []))).toEqual([]);
});

/** Waits for whoever else works on packages. */
const INSTALL = 'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 install';

/** Leaves 2 % of the root file system, by a log that was rotated. */
const fill = 'set -- $(df -B1 --output=avail,size / | tail -n 1); fallocate -l $(($1 - $2 / 50)) /var/log/syslog.1';

/** Fewer at a time than sshd takes in at once. */
const tryPasswords =
  'for each in $(seq 45); do ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null nobody$each@127.0.0.1 true 2> /dev/null || :; done';

/** A contract for the namespace: Advanced round the clock, Monitoring & Patching in hours that begin at `from`. */
async function agree(from: Date): Promise<void> {
  // A zone in which it is about noon, so that no core hours cross a midnight.
  const ahead = 12 - from.getUTCHours();
  const timeZone = ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? `-${ahead}` : `+${-ahead}`}`;
  const opens = `12:${String(from.getUTCMinutes()).padStart(2, '0')}`;
  const calendar = (name: string, hours: object, zone: string) =>
    make('ServiceCalendar', name, { timeZone: zone, coreHours: [{ days: DAYS, ...hours }] });
  await calendar('incidents-always', { from: '00:00', to: '24:00' }, 'UTC');
  await calendar('incidents-soon', { from: opens, to: '24:00' }, timeZone);
  await plan('incidents-advanced', 'AdvancedMonitoringAndPatching', 'incidents-always');
  await plan('incidents-monitoring', 'MonitoringAndPatching', 'incidents-soon');
  await make('Contract', 'incidents', {
    ...{ customer: 'Incidents GmbH', namespaces: [guests.namespace], language: 'de', timeZone: 'Europe/Berlin' },
    ...{
      billingId: '4711',
      contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver', 'Technical'] }],
    },
    plans: [
      { level: 'AdvancedMonitoringAndPatching', plan: 'incidents-advanced', from: '2026-01-01' },
      { level: 'MonitoringAndPatching', plan: 'incidents-monitoring', from: '2026-01-01' },
    ],
  });
}

async function make(kind: string, name: string, spec: object): Promise<void> {
  const object = { apiVersion: 'managed.systems/v1alpha1', kind, metadata: { name }, spec };
  await kubectlWith(['create', '--filename', '-'], object);
}

async function plan(name: string, serviceLevel: string, calendarRef: string): Promise<void> {
  await make('ServicePlan', name, {
    ...{ serviceLevel, validFrom: '2026-01-01', calendarRef, availability: { target: '99.5' } },
    incidents: {
      priorities: {
        P1: { response: '30m', resolution: '4h' },
        P2: { response: '1h', resolution: '8h' },
        P3: { response: '4h', resolution: '24h' },
        P4: { response: '8h', resolution: '48h' },
      },
    },
    patching: { deadlines: { Critical: '72h', Important: '336h', Other: '720h' } },
    prices: { currency: 'EUR', perMonth: '35.00', effortPerHour: '120.00' },
  });
}

/** Waits for the one Incident of the alert, rated, about a guest. */
function incidentOf(vm: string, alert: string, labels: Readonly<Record<string, string>> = {}): Promise<Any> {
  return eventually(
    async () => {
      const all = await guests.api.list(incident, guests.namespace);
      const found = all.filter(({ spec }) => isOf(spec, vm, alert, labels));
      expect(found, `${alert} of ${vm} among ${all.map(each => each.spec.alert?.name).join(', ')}`).toHaveLength(1);
      expect(found[0].spec.rating, `${alert} of ${vm}: ${found[0].status?.message}`).toBeDefined();
      return found[0];
    },
    TOLD,
    1_000,
  );
}

function isOf(spec: Any, vm: string, alert: string, labels: Readonly<Record<string, string>>): boolean {
  return spec.subject.name === vm && spec.alert?.name === alert && has(spec, labels);
}

function has(spec: Any, labels: Readonly<Record<string, string>>): boolean {
  const known: Any[] = spec.alert.labels ?? [];
  return Object.entries(labels).every(([name, value]) =>
    known.some(label => label.name === name && label.value === value),
  );
}

function reaches(seen: Any, phase: string, timeout = MENDED): Promise<Any> {
  return eventually(
    async () => {
      const now = await guests.api.get(incident, guests.namespace, seen.metadata.name);
      expect(now.status?.phase, now.status?.message).toBe(phase);
      return now;
    },
    timeout,
    1_000,
  );
}

/** What the record says, for who reads along. */
function tell({ metadata, spec, status }: Any): void {
  const steps = (status?.remediation ?? []).map((step: Any) => `${step.at} ${step.action} ${step.outcome}`);
  const events = (status?.timeline ?? []).map((event: Any) => `${event.at} ${event.what}`);
  console.log(
    `${metadata.name}: ${spec.alert.name} of ${spec.subject.name}, ${spec.rating?.priority}, ${status?.phase}\n  ${[...events, ...steps].join('\n  ')}\n  ${status?.message}`,
  );
}
