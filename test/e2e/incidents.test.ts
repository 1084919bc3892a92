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
import { ALWAYS, agree, opensAt } from './support/agreement.ts';
import { BOOT, Guests } from './support/guests.ts';
import { Incidents, isOf, MENDED, TOLD, tell } from './support/incidents.ts';

const MINUTE = 60_000;
/** Minutes until the core hours of the second guest begin: its alert must have fired by then. */
const OPENS = 12;

let guests: Guests;
let incidents: Incidents;
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
  incidents = new Incidents(guests);
  await guests.asRoot('day', `${INSTALL} cron`);
  opening = new Date(Math.ceil(Date.now() / MINUTE + OPENS) * MINUTE);
  await agree(guests.namespace, [
    ['AdvancedMonitoringAndPatching', ALWAYS],
    ['MonitoringAndPatching', opensAt(opening)],
  ]);
}, 2 * BOOT);

afterAll(() => guests?.close());

// All at once, so that the alerts' own delays pass together.
describe.concurrent('trouble in a guest', () => {
  test(
    'MO-6, MO-13, MO-14: a service that is killed becomes an Incident, is started, proven and resolved, with every instant',
    async () => {
      await guests.asRoot('day', 'systemctl stop systemd-resolved');
      const seen = await incidents.of('day', 'ManagedVMServiceNotRunning', { service: 'systemd-resolved' });
      expect(seen.spec.proof.verdict, seen.spec.proof.message).toBe('Proven');
      const over = await incidents.reaches(seen, 'Resolved');
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
      const seen = await incidents.of('night', 'ManagedVMServiceNotRunning');
      if (Date.now() < opening.getTime()) await incidents.reaches(seen, 'Queued', opening.getTime() - Date.now());
      const over = await incidents.reaches(seen, 'Resolved', TOLD + MENDED);
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
      const seen = await incidents.of('night', 'ManagedVMFileSystemFull');
      const over = await incidents.reaches(seen, 'Resolved', TOLD + MENDED);
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
      await guests.asRoot('day', 'systemctl mask --now cron');
      await guests.edit('day', { services: ['systemd-resolved', 'cron'] });
      const seen = await incidents.of('day', 'ManagedVMServiceNotRunning', { service: 'cron' });
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
      const seen = await incidents.of('day', alert);
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
      expect((await incidents.reaches(first, 'Resolved')).status.problem).toBe(opened.metadata.name);
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
  expect(asked.length).toBeGreaterThanOrEqual(10);
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
