/**
 * Windows open, and two Debian guests are patched in them by apt: one is given a newer kernel, the other everything that can go wrong meanwhile
 * (MO-3, GE-8). That nothing is installed twice is read from the guests' own logs.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { queryPrometheus } from '../../hack/steward/prometheus.ts';
import type { Deb } from '../../hack/testbed/guest/debs.ts';
import { kernelUpdate } from '../../hack/testbed/guest/kernel.ts';
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import { type Any, conditionOf } from '../integration/support/api.ts';
import { eventually } from '../integration/support/eventually.ts';
import { BOOT, Guests, kubectl } from './support/guests.ts';
import { openNext, runOf, sample, Updates, verdictOf } from './support/updates.ts';

const RUNNERS = 'app.kubernetes.io/name=steward-patch';
const MINUTE = 60_000;
/** Between two looks into a guest. Milliseconds. */
const LOOK = 3_000;

let guests: Guests;
let updates: Updates;

/** Its upgrade stands still in the guest that is slow until it is told to go on, or ten minutes have passed. */
const slow = (version: string) =>
  sample(
    version,
    [
      'if [ "$1" = configure ] && [ -n "$2" ] && [ -e /var/lib/steward-slow ]; then',
      `  echo ${version} > /run/steward-begun`,
      `  for i in $(seq 600); do [ -e /run/steward-go-${version} ] && break; sleep 1; done`,
      'fi',
    ].join('\n'),
  );

const offer = (name: string, version: string, others: readonly Deb[] = []) =>
  updates.offer(name, [slow(version)], others);

const opens = (name: string, times?: { duration: string; cutoff: string }) => openNext(guests, name, times);
const ended = (name: string, window: string) => verdictOf(guests, name, window);

/** Waits until the guest is in the midst of the upgrade to that version. */
async function inMidInstall(name: string, version: string): Promise<void> {
  const begun = () => guests.asRoot(name, 'cat /run/steward-begun 2>/dev/null || true');
  await eventually(async () => expect(await begun()).toBe(version), BOOT, LOOK);
}

const goOn = (name: string, version: string) => guests.asRoot(name, `touch /run/steward-go-${version}`);

/** So that our own connection does not end with what it does. */
const soon = (name: string, command: string) =>
  guests.asRoot(name, `systemd-run --quiet --collect sh -c 'sleep 1; ${command}'`);

/** The Pods of runners that run. */
async function runners(): Promise<string[]> {
  const which = ['-l', RUNNERS, `--field-selector=status.phase=Running`];
  const found = await kubectl('get', 'pods', '-n', 'steward-system', ...which, '-o', 'name');
  return found.split('\n').filter(Boolean);
}

const stepsOf = ({ status }: Any): string[] => status.steps.map(({ name, verdict }: Any) => `${name} ${verdict}`);

async function metric(query: string): Promise<number | undefined> {
  const [series] = await queryPrometheus(inject('service').prometheus, query);
  return series && Number(series.value[1]);
}

beforeAll(async () => {
  guests = await Guests.in('patching');
  updates = await Updates.of(guests);
  for (const name of ['patched', 'faulty']) await guests.orderInTurn(name, { serviceLevel: 'MonitoringAndPatching' });
  for (const name of ['patched', 'faulty']) {
    await guests.configured(name);
    await guests.reachable(name);
    await updates.prepare(name);
  }
  await guests.asRoot('faulty', 'touch /var/lib/steward-slow');
}, 3 * BOOT);
afterAll(async () => {
  await kubectl('delete', 'clusterpatchpolicy', guests.namespace, '--ignore-not-found', '--wait=false').catch(() => '');
  await guests?.close();
  await updates?.close();
});

describe('apt on Debian 13, a window that opens', () => {
  let run: Any;

  test(
    'a guest is given a newer kernel by a Pod of the policy’s Job, once, and rebooted for it (MO-3, MO-10, GE-8)',
    async () => {
      await offer('patched', '2', await kernelUpdate(() => {}));
      await offer('faulty', '2');
      await opens('first');
      // SSH is cut in mid-install, for as long as several looks of the runner.
      await inMidInstall('faulty', '2');
      await soon(
        'faulty',
        'systemctl stop ssh.socket ssh.service; pkill -KILL sshd; sleep 25; systemctl start ssh.socket ssh.service',
      );
      await eventually(() => goOn('faulty', '2'), BOOT, LOOK);
      run = await ended('patched', 'first');
      expect(run.status).toMatchObject({ phase: 'Succeeded', rebootPending: false });
      expect(run.spec).toMatchObject({ ring: 'canary', packageManager: 'apt', policy: { name: 'patching' } });
      const installed = run.status.packages.map(({ package: each, state }: Any) => `${each} ${state}`);
      expect(installed.sort()).toEqual([
        expect.stringMatching(/^linux-image-6\S+-cloud-amd64 Installed$/),
        'linux-image-cloud-amd64 Installed',
        'steward-sample Installed',
      ]);
    },
    3 * BOOT,
  );

  test('it runs in another boot, of the newer kernel, as its boot ids and the guest prove', async () => {
    const { bootIdBefore, bootIdAfter, packages } = run.status;
    expect(bootIdAfter).not.toBe(bootIdBefore);
    expect(await guests.reachable('patched')).toBe(bootIdAfter);
    expect(stepsOf(run)).toEqual([
      ...['preflight Passed', 'plan Passed', 'install Passed', 'verify Passed', 'reboot Passed', 'recheck Passed'],
    ]);
    const kernel = packages.find(({ package: each }: Any) => /^linux-image-\d/.test(each)).package;
    expect(await guests.asRoot('patched', 'uname -r')).toBe(kernel.replace('linux-image-', ''));
    expect(await updates.upgrades('patched', '2')).toBe(1);
  });

  test(
    'the VM says that no patch is missing, and metrics tell of the run (MO-3)',
    async () => {
      const vm = await guests.reads('patched', { PatchCompliant: 'True/PatchesInTime' });
      expect(vm.status.patching.lastRun).toMatchObject({ name: run.metadata.name, phase: 'Succeeded' });
      const labels = `namespace="${guests.namespace}",managed_vm="patched"`;
      await eventually(async () => {
        expect(await metric(`steward_patch_last_run{${labels},phase="Succeeded"}`)).toBe(1);
        expect(await metric(`steward_patch_reboot_pending{${labels}}`)).toBe(0);
        // What there is none of has no series.
        expect(await metric(`sum(steward_patch_missing_updates{${labels}})`)).toBeUndefined();
        expect(await metric(`steward_maintenance{${labels}}`)).toBeUndefined();
        expect(await metric(`steward_patch_last_success_timestamp_seconds{${labels}}`)).toBeGreaterThan(0);
      }, BOOT);
    },
    2 * BOOT,
  );

  test('nothing but a Job of its CronJob in Steward’s namespace has patched it', async () => {
    const jobs = JSON.parse(await kubectl('get', 'jobs', '-n', 'steward-system', '-o', 'json')) as { items: Any[] };
    expect(jobs.items).toHaveLength(1);
    expect(jobs.items[0].metadata.ownerReferences).toMatchObject([{ kind: 'CronJob' }]);
    expect(jobs.items[0].spec.template.spec.serviceAccountName).toBe('steward-patch');
    expect(run.status.worker).toMatch(/^patch-patching-/);
  });
});

describe('apt on Debian 13, faults', () => {
  test(
    'SSH is cut in mid-install: the run is followed on, and nothing is installed twice (GE-8)',
    async () => {
      const run = await ended('faulty', 'first');
      expect(run.status).toMatchObject({ phase: 'Succeeded', packages: [{ to: '2', state: 'Installed' }] });
      expect(await updates.upgrades('faulty', '2')).toBe(1);
    },
    2 * BOOT,
  );

  test(
    'the Pod is killed in mid-install: another goes on with the run, and nothing is installed twice (GE-8)',
    async () => {
      await offer('faulty', '3');
      await opens('second');
      await inMidInstall('faulty', '3');
      const before = (await runOf(guests, 'faulty', 'second')).status.worker;
      const [killed = ''] = await runners();
      await kubectl('delete', killed, '-n', 'steward-system', '--grace-period=0', '--force');
      await eventually(async () => expect(await runners()).not.toContain(killed), BOOT, LOOK);
      await eventually(async () => expect(await runners()).toHaveLength(1), BOOT, LOOK);
      await goOn('faulty', '3');
      const run = await ended('faulty', 'second');
      expect(run.status).toMatchObject({ phase: 'Succeeded', packages: [{ to: '3', state: 'Installed' }] });
      expect(run.status.worker).not.toBe(before);
      expect(await updates.upgrades('faulty', '3')).toBe(1);
    },
    3 * BOOT,
  );

  test(
    'nothing is missing in the other guest, and nothing is done there',
    async () => {
      const run = await ended('patched', 'second');
      expect(run.status).toMatchObject({ phase: 'NothingToDo' });
      expect(stepsOf(run)).toEqual(['preflight Passed', 'plan Passed']);
    },
    BOOT,
  );

  test(
    'the window closes in mid-install: the transaction is followed to its end, and is not touched (MO-3, GE-8)',
    async () => {
      await offer('patched', '4');
      await offer('faulty', '4');
      // Another host key, and nobody is told: it comes back after the window.
      const key = '/etc/ssh/ssh_host_ed25519_key';
      const back = `mv -f ${key}.ours ${key}; systemctl restart ssh`;
      await guests.asRoot(
        'patched',
        `cp -p ${key} ${key}.ours; systemd-run --quiet --collect --on-active=480 sh -c '${back}'`,
      );
      await soon(
        'patched',
        `rm -f ${key}; ssh-keygen -q -t ed25519 -N "" -f ${key}; systemctl restart ssh; pkill -KILL sshd-session`,
      );
      const at = await opens('short', { duration: '4m', cutoff: '1m' });
      await inMidInstall('faulty', '4');
      await eventually(() => expect(Date.now()).toBeGreaterThan(at.getTime() + 4 * MINUTE + 5_000), 10 * MINUTE, LOOK);
      expect((await runOf(guests, 'faulty', 'short')).status).toMatchObject({ phase: 'Patching' });
      await goOn('faulty', '4');
      const run = await ended('faulty', 'short');
      expect(run.status).toMatchObject({ phase: 'Succeeded', packages: [{ to: '4', state: 'Installed' }] });
      expect(Date.parse(run.status.ended)).toBeGreaterThan(Date.parse(run.spec.occurrence.end));
      expect(await updates.upgrades('faulty', '4')).toBe(1);
    },
    3 * BOOT,
  );

  test(
    'the host key is another: nobody logs in, nothing is installed, and the run says so (MO-16)',
    async () => {
      const run = await ended('patched', 'short');
      expect(run.status).toMatchObject({ phase: 'Skipped', message: expect.stringContaining('HostKeyMismatch') });
      await guests.reachable('patched');
      expect(await updates.upgrades('patched', '4')).toBe(0);
    },
    2 * BOOT,
  );
});

describe('apt on Debian 13, a canary that breaks a service (MO-11)', () => {
  /** Which ring a guest is in is said by its label, as long as this is told. */
  const inRings = (selector: object | null) =>
    guests.api.edit(clusterPatchPolicy, '', guests.namespace, {
      spec: {
        rings: [
          { name: 'canary', namespaces: [guests.namespace], maxParallel: 2, soak: '0s', ...(selector && { selector }) },
          { name: 'production' },
        ],
      },
    });
  /** A service of the customer's that does not start beside that file. */
  const SHOP = [
    '[Service]',
    'ExecStart=/bin/sh -c "test ! -e /etc/shop-broken && exec sleep infinity"',
    '[Install]',
    'WantedBy=multi-user.target',
  ].join('\\n');
  const breaking = (version: string) =>
    sample(version, 'touch /etc/shop-broken; systemctl restart shop.service || true');
  let halted: Any;

  beforeAll(async () => {
    await kubectl('label', 'managedvm', 'patched', '-n', guests.namespace, 'ring=canary');
    await inRings({ matchLabels: { ring: 'canary' } });
    await guests.asRoot('faulty', 'rm /var/lib/steward-slow');
    await guests.asRoot(
      'patched',
      `printf '${SHOP}' > /etc/systemd/system/shop.service; systemctl enable --now shop.service`,
    );
  }, BOOT);
  afterAll(async () => {
    await inRings(null);
    await guests.asRoot('faulty', 'touch /var/lib/steward-slow');
  });

  test(
    'its run fails by the name of the service, and the policy is halted before ring two: in a condition, an event and a metric',
    async () => {
      await updates.offer('patched', [breaking('6')]);
      await updates.offer('faulty', [breaking('6')]);
      await opens('breaks');
      halted = await ended('patched', 'breaks');
      expect(halted.status).toMatchObject({ phase: 'Failed', message: expect.stringContaining('shop.service') });
      await eventually(async () => {
        const { status } = await guests.api.get(clusterPatchPolicy, '', guests.namespace);
        const by = `${guests.namespace}/${halted.metadata.name}`;
        expect(status.rings[0]).toMatchObject({ name: 'canary', state: 'Halted', haltedBy: by });
        expect(conditionOf({ status }, 'Ready')).toMatchObject({ status: 'False', reason: 'RingHalted' });
      });
      const events = ['get', 'events.events.k8s.io', '-A', `--field-selector=reason=RingHalted`, '-o', 'name'];
      await eventually(async () => expect(await kubectl(...events)).not.toBe(''), BOOT, LOOK);
      const series = `steward_patch_ring_halted{name="${guests.namespace}",ring="canary"}`;
      await eventually(async () => expect(await metric(series)).toBe(1), BOOT, LOOK);
      expect(await updates.upgrades('faulty', '6')).toBe(0);
    },
    3 * BOOT,
  );

  test(
    'in the next window nobody is patched, until somebody resumes the ring by the name of the run',
    async () => {
      await guests.asRoot('patched', 'rm /etc/shop-broken; systemctl restart shop.service');
      await updates.offer('patched', [sample('7')]);
      await opens('resumed');
      await eventually(
        async () => {
          const { status } = await guests.api.get(clusterPatchPolicy, '', guests.namespace);
          expect(status.open).toMatchObject({ window: 'resumed' });
        },
        BOOT,
        LOOK,
      );
      for (const name of ['patched', 'faulty']) expect(await runOf(guests, name, 'resumed')).toBeUndefined();
      const afterRun = `${guests.namespace}/${halted.metadata.name}`;
      const resume = { ring: 'canary', afterRun, reason: 'The service was mended' };
      await guests.api.edit(clusterPatchPolicy, '', guests.namespace, { spec: { resume } });
      const run = await ended('patched', 'resumed');
      expect(run.status).toMatchObject({ phase: 'Succeeded', packages: [{ to: '7', state: 'Installed' }] });
    },
    3 * BOOT,
  );

  test(
    'ring two installs what the canary has proven, though a newer version has appeared',
    async () => {
      await updates.offer('faulty', [sample('7'), breaking('8')]);
      await opens('proven');
      const run = await ended('faulty', 'proven');
      expect(run.spec).toMatchObject({ ring: 'production', proven: { ring: 'canary' } });
      expect(run.status).toMatchObject({ phase: 'Succeeded', packages: [{ to: '7', state: 'Installed' }] });
      expect([await updates.upgrades('faulty', '7'), await updates.upgrades('faulty', '8')]).toEqual([1, 0]);
    },
    3 * BOOT,
  );
});

describe('apt on Debian 13, somebody else at work', () => {
  test(
    'somebody reboots the guest in mid-install: what is left is read back, nothing is begun again, and the ring is halted (GE-8, MO-11)',
    async () => {
      await offer('faulty', '9');
      await opens('last');
      await inMidInstall('faulty', '9');
      await soon('faulty', 'systemctl reboot --force --force');
      const run = await ended('faulty', 'last');
      expect(run.status).toMatchObject({ phase: 'Failed', packages: [{ to: '9' }] });
      expect(stepsOf(run)).toEqual(['preflight Passed', 'plan Passed', 'install CutOff', 'verify Failed']);
      expect(await updates.upgrades('faulty', '9')).toBe(1);
      const { status } = await eventually(async () => {
        const policy = await guests.api.get(clusterPatchPolicy, '', guests.namespace);
        expect(policy.status.rings[0]).toMatchObject({ name: 'canary', state: 'Halted' });
        return policy;
      });
      console.log(status.rings);
    },
    3 * BOOT,
  );
});
