/** Outdated packages of guests, and the windows in which they are patched: for tests on the real node. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Deb } from '../../../hack/testbed/guest/debs.ts';
import { aptRepository, type MadeDeb, type Served, serveFiles } from '../../../hack/testbed/guest/madepackages.ts';
import { nodeNetwork } from '../../../hack/testbed/node/addresses.ts';
import { clusterPatchPolicy } from '../../../src/api/clusterpatchpolicy.ts';
import { FINAL_PHASES, patchRun } from '../../../src/api/patchrun.ts';
import type { Any } from '../../integration/support/api.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT, type Guests } from './guests.ts';

/** Of the guests' own release, for no other is patched (GE-11). */
const SUITE = { suite: 'trixie-security', codename: 'trixie-security', origin: 'Debian', label: 'Debian-Security' };
const KEYRING = '/usr/share/keyrings/steward-testbed.gpg';

export const SAMPLE = 'steward-sample';

/** The package of which a guest has an older version; `configured`: lines of sh that run once it is installed. */
export function sample(version: string, configured?: string): MadeDeb {
  return { name: SAMPLE, version, ...(configured !== undefined && { scripts: { postinst: configured } }) };
}

/** A repository of the test's own, which guests reach; each guest has its part of it. */
export class Updates {
  readonly #guests: Guests;
  readonly #folder: string;
  readonly #served: Served;
  readonly #offered = new Map<string, ReadonlyMap<string, Buffer>>();

  private constructor(guests: Guests, folder: string, served: Served) {
    this.#guests = guests;
    this.#folder = folder;
    this.#served = served;
  }

  static async of(guests: Guests): Promise<Updates> {
    const folder = await mkdtemp(join(tmpdir(), 'steward-updates-'));
    return new Updates(guests, folder, await serveFiles(nodeNetwork.address));
  }

  /** Makes the sample at these versions, and nothing else but `others`, what the guest could install. */
  async offer(name: string, samples: readonly MadeDeb[], others: readonly Deb[] = []): Promise<void> {
    const folder = join(this.#folder, name, samples.map(({ version }) => version).join('-'));
    this.#offered.set(name, await aptRepository(folder, [{ ...SUITE, packages: samples, others }]));
    const parts = [...this.#offered].flatMap(([guest, files]) =>
      [...files].map(([path, content]) => [`${guest}/${path}`, content] as const),
    );
    this.#served.serve(new Map(parts));
  }

  /** The guest gets its updates from here, and has the sample at version 1. */
  async prepare(name: string): Promise<void> {
    await this.offer(name, [sample('1')]);
    const source = `deb [signed-by=${KEYRING}] ${this.#served.url}/${name} ${SUITE.suite} main`;
    const install = `apt-get -qq -o DPkg::Lock::Timeout=600 install -y ${SAMPLE}`;
    await this.#guests.asRoot(
      name,
      `echo '${source}' > /etc/apt/sources.list.d/sample.list; apt-get -qq update && ${install}`,
    );
  }

  /** How often the guest's package manager has begun to bring the sample to that version, by its own log. */
  async upgrades(name: string, version: string): Promise<number> {
    const log = await this.#guests.asRoot(name, 'cat /var/log/dpkg.log');
    return log.split('\n').filter(line => new RegExp(`upgrade ${SAMPLE}:\\w+ \\S+ ${version}$`).test(line)).length;
  }

  async close(): Promise<void> {
    await this.#served.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** How long a window is open, and how long before its end nothing begins any more. */
type Times = { readonly duration: string; readonly cutoff: string };

const MINUTE = 60_000;
const LONG: Times = { duration: '3h', cutoff: '1h' };
/** Between two looks at what takes minutes. Milliseconds. */
const LOOK = 3_000;

/**
 * The policy of the provider for the namespace of the guests, named like it, gets a window that opens at the next full minute that is at least one
 * away, and no other. Which it is.
 */
export async function openNext({ api, namespace }: Guests, name: string, times = LONG): Promise<Date> {
  const at = new Date(Math.ceil((Date.now() + MINUTE) / MINUTE) * MINUTE);
  const schedule = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  const windows = [{ name, schedule, timeZone: 'Etc/UTC', ...times }];
  if ((await api.find(clusterPatchPolicy, '', namespace)) !== undefined) {
    await api.edit(clusterPatchPolicy, '', namespace, { spec: { windows } });
    return at;
  }
  const spec = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    windows,
    approve: { updates: 'All', minimumAge: { Critical: '0s', Important: '0s', Other: '0s' } },
    rings: [{ name: 'canary', namespaces: [namespace], maxParallel: 2 }, { name: 'production' }],
    ...{ reboot: 'IfRequired', rollback: 'Never' },
  };
  const kind = { apiVersion: 'managed.systems/v1alpha1', kind: 'ClusterPatchPolicy' };
  await api.create(clusterPatchPolicy, { ...kind, ...{ metadata: { name: namespace }, spec } });
  return at;
}

/** The run of a guest in a window; undefined: none has been made. */
export async function runOf({ api, namespace }: Guests, name: string, window: string): Promise<Any> {
  const runs = await api.list(patchRun, namespace);
  return runs.find(({ spec }) => spec.managedVM.name === name && spec.occurrence.window === window);
}

/** The same once it has its verdict. */
export function verdictOf(guests: Guests, name: string, window: string): Promise<Any> {
  return eventually(
    async () => {
      const run = await runOf(guests, name, window);
      expect(FINAL_PHASES, JSON.stringify(run?.status)).toContain(run?.status?.phase);
      console.log(`${name} in ${window}: ${run.status.phase}, ${run.status.message}`);
      return run;
    },
    BOOT,
    LOOK,
  );
}
