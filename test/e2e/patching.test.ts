/** A window opens: its CronJob, the Job, the runner as a Pod, apt in a real guest, the reboot, and the PatchRun that tells of it (MO-3). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { aptRepository, type MadeDeb } from '../../hack/testbed/guest/madepackages.ts';
import { run } from '../../hack/testbed/process/command.ts';
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import { FINAL_PHASES, patchRun } from '../../src/api/patchrun.ts';
import type { Any } from '../integration/support/api.ts';
import { eventually } from '../integration/support/eventually.ts';
import { BOOT, Guests } from './support/guests.ts';

/** Of the guest's own release, for no other is patched (GE-11). */
const SUITE = 'trixie-security';
const REPOSITORY = '/srv/repository';
const KEYRING = '/usr/share/keyrings/steward-testbed.gpg';
const SOURCE = `deb [signed-by=${KEYRING}] file:${REPOSITORY} ${SUITE} main`;

let guests: Guests;
let folder: string;
let found: Any;

/** A package that wants a reboot when it is upgraded, as a kernel does. */
const sample = (version: string): MadeDeb => ({
  ...{ name: 'steward-sample', version },
  scripts: { postinst: `echo ${version} > /var/lib/steward-sample\n[ "$2" = "" ] || touch /run/reboot-required` },
});

/** Makes a signed repository in the guest with the package at that version, and nothing else. */
async function offer(name: string, version: string): Promise<void> {
  const suite = {
    suite: SUITE,
    codename: SUITE,
    origin: 'Debian',
    label: 'Debian-Security',
    packages: [sample(version)],
  };
  const files = await aptRepository(join(folder, version), [suite]);
  const lines = [...files].map(([path, content]) => {
    const file = `${REPOSITORY}/${path}`;
    return `mkdir -p $(dirname ${file}) && echo ${content.toString('base64')} | base64 -d > ${file}`;
  });
  await guests.asRoot(name, [`rm -rf ${REPOSITORY}`, ...lines].join('\n'));
}

/** A window that opens at the next full minute that is at least one away. */
function soon(): Date {
  return new Date(Math.ceil((Date.now() + 60_000) / 60_000) * 60_000);
}

function kubectl(...args: readonly string[]): Promise<string> {
  const { kubectl: program, kubeconfig } = inject('service');
  return run(program, args, { env: { ...process.env, KUBECONFIG: kubeconfig } });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-patching-'));
  guests = await Guests.in('patching');
  await guests.orderInTurn('patched', { serviceLevel: 'MonitoringAndPatching' });
  await guests.configured('patched');
  await guests.reachable('patched');
  await offer('patched', '1');
  const sources = `echo '${SOURCE}' > /etc/apt/sources.list.d/sample.list`;
  await guests.asRoot(
    'patched',
    `${sources}; apt-get -qq update && apt-get -qq -o DPkg::Lock::Timeout=600 install -y steward-sample`,
  );
  await offer('patched', '2');
}, 2 * BOOT);
afterAll(async () => {
  await kubectl('delete', 'clusterpatchpolicy', 'e2e', '--ignore-not-found', '--wait=false').catch(() => '');
  await rm(folder, { recursive: true, force: true });
});

describe('a Debian guest with a package that is outdated', () => {
  test(
    'is patched in its window by a Pod of the policy’s Job, once, and rebooted (MO-3, MO-10, GE-8)',
    async () => {
      const at = soon();
      const spec = {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': guests.namespace } },
        windows: [
          {
            ...{ name: 'soon', schedule: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`, timeZone: 'Etc/UTC' },
            ...{ duration: '3h', cutoff: '1h' },
          },
        ],
        approve: { updates: 'All', minimumAge: { Critical: '0s', Important: '0s', Other: '0s' } },
        rings: [{ name: 'canary', namespaces: [guests.namespace] }, { name: 'production' }],
        reboot: 'IfRequired',
        rollback: 'Never',
      };
      await guests.api.create(clusterPatchPolicy, {
        ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'ClusterPatchPolicy' },
        ...{ metadata: { name: 'e2e' }, spec },
      });
      found = await eventually(async () => {
        const runs = await kubectl('get', 'patchruns', '-n', guests.namespace, '-o', 'json');
        const [patched] = (JSON.parse(runs) as { items: Any[] }).items;
        expect(FINAL_PHASES, JSON.stringify(patched?.status)).toContain(patched?.status?.phase);
        return patched;
      }, BOOT);
      console.log(await kubectl('get', 'cronjobs,jobs,pods', '-n', 'steward-system'));
      console.log(await kubectl('get', 'patchruns', '-A', '-o', 'wide'));
      expect(found.status).toMatchObject({
        phase: 'Succeeded',
        packages: [{ package: 'steward-sample', from: '1', to: '2', state: 'Installed' }],
        rebootPending: false,
      });
      expect(found.spec).toMatchObject({ ring: 'canary', managedVM: { name: 'patched' }, policy: { name: 'e2e' } });
    },
    2 * BOOT,
  );

  test('has booted anew, which its boot ids prove, and has the version that was read back', async () => {
    const { bootIdBefore, bootIdAfter, steps } = found.status;
    expect(bootIdAfter).not.toBe(bootIdBefore);
    expect(await guests.reachable('patched')).toBe(bootIdAfter);
    expect(steps.map(({ name, verdict }: Any) => `${name} ${verdict}`)).toEqual([
      ...['preflight Passed', 'plan Passed', 'install Passed', 'verify Passed', 'reboot Passed', 'recheck Passed'],
    ]);
    expect(await guests.asRoot('patched', 'cat /var/lib/steward-sample')).toBe('2');
  });

  test('has its package installed once, by its own log (GE-8)', async () => {
    const log = await guests.asRoot('patched', "grep -c ' upgrade steward-sample' /var/log/dpkg.log");
    expect(log).toBe('1');
  });

  test('was patched by a Pod of a Job of a CronJob in Steward’s namespace, and by nothing else', async () => {
    const jobs = JSON.parse(await kubectl('get', 'jobs', '-n', 'steward-system', '-o', 'json')) as { items: Any[] };
    expect(jobs.items).toHaveLength(1);
    expect(jobs.items[0].metadata.ownerReferences).toMatchObject([{ kind: 'CronJob' }]);
    expect(jobs.items[0].spec.template.spec.serviceAccountName).toBe('steward-patch');
    await eventually(async () => {
      const runs = await guests.api.get(patchRun, guests.namespace, found.metadata.name);
      expect(runs.status.worker).toMatch(/^patch-e2e-/);
    });
  });
});
