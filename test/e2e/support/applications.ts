/** Applications of the catalogue in real guests: where their packages come from, and how they are ordered. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Deb, ensureDebs } from '../../../hack/testbed/guest/debs.ts';
import { type LockName, readLock } from '../../../hack/testbed/guest/lockfile.ts';
import { aptRepository, type Served, serveFiles } from '../../../hack/testbed/guest/madepackages.ts';
import { repackedDeb, versionOf } from '../../../hack/testbed/guest/repackeddeb.ts';
import { nodeNetwork } from '../../../hack/testbed/node/addresses.ts';
import { managedApplication } from '../../../src/api/managedapplication.ts';
import { product } from '../../../src/api/product.ts';
import { Secret } from '../../../src/api/upstream.ts';
import type { Any } from '../../integration/support/api.ts';
import { gone, reads } from '../../integration/support/eventually.ts';
import { BOOT, type Guests } from './guests.ts';

const KEYRING = '/usr/share/keyrings/steward-testbed.gpg';
const SUITE = { suite: 'trixie', codename: 'trixie', origin: 'Debian', label: 'Debian' };
const LIST = '/etc/apt/sources.list.d/applications.list';
const CATALOGUE = join(import.meta.dirname, '../../../config/products');
/** Between two looks at what takes minutes. Milliseconds. */
const LOOK = 3_000;

/** Debian's own packages of applications, from a repository of the test's own, which guests reach. */
export class Applications {
  readonly #guests: Guests;
  readonly #folder: string;
  readonly #served: Served;
  readonly #debs: Deb[];

  private constructor(guests: Guests, folder: string, served: Served, debs: Deb[]) {
    this.#guests = guests;
    this.#folder = folder;
    this.#served = served;
    this.#debs = debs;
  }

  /** `besides`: other packages of theirs, by the names of their locks. */
  static async of(guests: Guests, ...besides: readonly LockName[]): Promise<Applications> {
    const folder = await mkdtemp(join(tmpdir(), 'steward-applications-'));
    const served = await serveFiles(nodeNetwork.address);
    const locks = await Promise.all((['trixie.applications', ...besides] as const).map(readLock));
    const debs = await ensureDebs(locks.flatMap(({ packages }) => packages));
    const applications = new Applications(guests, folder, served, [...debs]);
    await applications.#publish();
    return applications;
  }

  /** The provider offers an entry of the catalogue as it is shipped. */
  async offer(name: string): Promise<void> {
    if ((await this.#guests.api.find(product, '', name)) === undefined)
      await this.#guests.api.create(product, await entryOf(name));
  }

  /** The provider offers an entry under another name, with other fields than it is shipped with. */
  async offerAs(name: string, entry: string, fieldsOf: (spec: Any) => object): Promise<void> {
    const { spec, ...shipped } = await entryOf(entry);
    await this.#guests.api.create(product, { ...shipped, metadata: { name }, spec: { ...spec, ...fieldsOf(spec) } });
  }

  /** From now on the distribution has the package in a version a little higher, which is told; `change`: commands of sh in its unpacked folder. */
  async release(name: string, suffix: string, change?: string): Promise<string> {
    const locked = this.#debs.find(({ path }) => path.includes(`/${name}_`));
    if (locked === undefined) throw new Error(`There is no ${name} in the lock`);
    const version = `${await versionOf(locked.file)}${suffix}`;
    this.#debs.push({ ...locked, ...(await repackedDeb(this.#folder, locked.file, version, change)) });
    await this.#publish();
    return version;
  }

  /** The provider designates this version of a line on Debian 13. */
  async designate(name: string, line: string, version: string): Promise<void> {
    const { spec } = await this.#guests.api.get(product, '', name);
    const lines = spec.lines.map((each: Any) => {
      const since = new Date().toISOString().slice(0, 10);
      const [system, ...others] = each.operatingSystems;
      return each.name === line
        ? { ...each, operatingSystems: [{ ...system, designated: { version, since } }, ...others] }
        : each;
    });
    await this.#guests.api.edit(product, '', name, { spec: { lines } });
  }

  async #publish(): Promise<void> {
    const files = await aptRepository(this.#folder, [{ ...SUITE, packages: [], others: this.#debs }]);
    this.#served.serve(new Map([...files].map(([path, content]) => [`applications/${path}`, content])));
  }

  /** The guest's distribution has them. */
  async prepare(vm: string): Promise<void> {
    const source = `deb [signed-by=${KEYRING}] ${this.#served.url}/applications ${SUITE.suite} main`;
    await this.#guests.asRoot(vm, `echo "${source}" > ${LIST} && apt-get -qq update`);
  }

  /** The guest's distribution has them no more. */
  async forget(vm: string): Promise<void> {
    await this.#guests.asRoot(vm, `rm -f ${LIST}`);
  }

  async order(name: string, vm: string, spec: Record<string, unknown>): Promise<void> {
    const order: Any = {
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'ManagedApplication',
      metadata: { namespace: this.#guests.namespace, name },
      spec: { managedVMs: [vm], ...spec },
    };
    await this.#guests.api.create(managedApplication, order);
  }

  found(name: string): Promise<Any> {
    return this.#guests.api.get(managedApplication, this.#guests.namespace, name);
  }

  /** Waits until the conditions of the newest generation read as given. */
  says(name: string, wanted: Record<string, string>): Promise<Any> {
    return reads(this.#guests.api, managedApplication, this.#guests.namespace, name, wanted, BOOT, LOOK);
  }

  /** What the binding Secret says. */
  async binding(name: string): Promise<(field: string) => string> {
    const { data } = await this.#guests.api.get(Secret, this.#guests.namespace, `${name}-binding`);
    return field => Buffer.from(data[field] ?? '', 'base64').toString();
  }

  /** Deletes the order, and waits until it has been taken out of its guest. */
  async takeOut(name: string): Promise<void> {
    await this.#guests.api.remove(managedApplication, this.#guests.namespace, name);
    await gone(this.#guests.api, managedApplication, this.#guests.namespace, name, BOOT);
  }

  async close(): Promise<void> {
    await this.#served.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** An entry of the catalogue, as it is shipped. */
async function entryOf(name: string): Promise<Any> {
  return parse(await readFile(join(CATALOGUE, `${name}.yaml`), 'utf8'));
}
