/** Outdated packages of guests, and the windows in which they are patched: for tests on the real node. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deb } from '../../../hack/testbed/guest/debs.ts';
import { aptRepository, type MadeDeb, type Served, serveFiles } from '../../../hack/testbed/guest/madepackages.ts';
import { nodeNetwork } from '../../../hack/testbed/node/addresses.ts';
import { clusterPatchPolicy } from '../../../src/api/clusterpatchpolicy.ts';
import { patchRun } from '../../../src/api/patchrun.ts';
import type { Any } from '../../integration/support/api.ts';
import type { Guests } from './guests.ts';

/** Of the guests' own release, for no other is patched (GE-11). */
const SUITE = { suite: 'trixie-security', codename: 'trixie-security', origin: 'Debian', label: 'Debian-Security' };
const KEYRING = '/usr/share/keyrings/steward-testbed.gpg';

export const SAMPLE = 'steward-sample';

const sample = (version: string): MadeDeb => ({ name: SAMPLE, version });

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

  /** Makes the sample, as it is made at that version, and nothing else but `others`, what a guest could install. */
  async offer(name: string, version: string, others: readonly Deb[] = [], made = sample(version)): Promise<void> {
    const suite = { ...SUITE, packages: [made], others };
    this.#offered.set(name, await aptRepository(join(this.#folder, name, version), [suite]));
    const parts = [...this.#offered].flatMap(([guest, files]) =>
      [...files].map(([path, content]) => [`${guest}/${path}`, content] as const),
    );
    this.#served.serve(new Map(parts));
  }

  /** The guest gets its updates from here, and has the sample at version 1. */
  async prepare(name: string): Promise<void> {
    await this.offer(name, '1');
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

/** Gives the provider's policy for the namespace of the guests, named like it, one window from that minute on and no other. */
export async function openWindow({ api, namespace }: Guests, name: string, at: Date, times: Times): Promise<void> {
  const schedule = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  const windows = [{ name, schedule, timeZone: 'Etc/UTC', ...times }];
  if ((await api.find(clusterPatchPolicy, '', namespace)) !== undefined) {
    await api.edit(clusterPatchPolicy, '', namespace, { spec: { windows } });
    return;
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
}

/** The run of a guest in a window; undefined: none has been made. */
export async function runOf({ api, namespace }: Guests, name: string, window: string): Promise<Any> {
  const runs = await api.list(patchRun, namespace);
  return runs.find(({ spec }) => spec.managedVM.name === name && spec.occurrence.window === window);
}
