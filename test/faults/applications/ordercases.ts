/** Faults of orders on a real API server, under the operator's own process. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { type BenchBed, onBenchBed } from '../../../hack/bench/bed.ts';
import { type Running, steward } from '../../../hack/bench/contestants/contestant.ts';
import { FLEET_NAMESPACE, orderOf, rootPath } from '../../../hack/bench/workload.ts';
import type { KubeObject } from '../../../hack/testbed/client/client.ts';
import { credentialsSecretName } from '../../../src/domain/application/children.ts';
import { planIn, planSecretName, sealed } from '../../../src/domain/contract/applicationplan.ts';
import type { Outcome } from '../cases.ts';
import { judged } from './judged.ts';

const apiVersion = 'managed.systems/v1alpha1';
const ORDERS = `/apis/${apiVersion}/namespaces/${FLEET_NAMESPACE}/managedapplications`;
const PRODUCTS = `/apis/${apiVersion}/products`;
const KEYS = '/api/v1/namespaces/steward-keys/secrets';
const BINDINGS = `/api/v1/namespaces/${FLEET_NAMESPACE}/secrets`;
const LIMIT_MS = 60_000;

type Order = KubeObject & {
  readonly status?: {
    readonly plan?: { readonly revision: string };
    readonly credentials?: { readonly verifier: string };
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  };
};
type Secret = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** Milliseconds after an order at which the operator is killed: before, between and after its writes. */
const KILLS = { full: [0, 20, 40, 60, 80, 100, 150, 200, 300, 500], quick: [40, 100] };

export function orderFaults(quick: boolean): Promise<Outcome[]> {
  return onBenchBed(async bench => {
    const outcomes: Outcome[] = [];
    const place = new Place(bench);
    await place.begin();
    try {
      for (const after of quick ? KILLS.quick : KILLS.full)
        outcomes.push(await judged(`operator killed ${after} ms after an order`, () => place.killed(after)));
      outcomes.push(await judged('two operators and one order', () => place.doubled()));
      outcomes.push(await judged('an ended line is not ordered any more', () => place.endedAtOrder()));
      outcomes.push(await judged('a line that ends keeps what is installed', () => place.ends()));
      outcomes.push(await judged('an entry that is made wrong keeps what is installed', () => place.madeWrong()));
      outcomes.push(await judged('an entry that goes keeps what is installed', () => place.goes()));
      outcomes.push(await judged('a lost login is never made again', () => place.loginLost()));
    } finally {
      await place.end();
    }
    return outcomes;
  });
}

class Place {
  readonly #bench: BenchBed;
  #running: Running | undefined;
  #made = 0;

  constructor(bench: BenchBed) {
    this.#bench = bench;
  }

  async begin(): Promise<void> {
    await this.#product('postgresql');
    this.#running = await steward.start(this.#bench);
  }

  async end(): Promise<void> {
    await this.#running?.stop();
  }

  async killed(after: number): Promise<void> {
    const name = await this.#order();
    await sleep(after);
    await this.#running?.stop('SIGKILL');
    this.#running = await steward.start(this.#bench);
    await this.#whole(name);
  }

  async doubled(): Promise<void> {
    const second = await steward.start(this.#bench);
    try {
      await this.#whole(await this.#order());
    } finally {
      await second.stop();
    }
  }

  async endedAtOrder(): Promise<void> {
    await this.#product('ended', { endOfSupport: '2020-01-01', released: '2019-01-01' });
    const name = await this.#order('ended');
    const order = await this.#reads(name, 'Ready', 'False/LineEnded');
    if (order.status?.plan !== undefined) throw new Error('it has a plan');
  }

  ends(): Promise<void> {
    const end = { endOfSupport: '2020-01-01', released: '2019-01-01' };
    return this.#kept(
      'ending',
      { spec: { lines: [{ ...(this.#line as object), ...end }] } },
      'Supported',
      'False/SupportEnded',
    );
  }

  madeWrong(): Promise<void> {
    const wrong = { spec: { probes: [{ name: 'listens', tcp: { port: 5432 } }] } };
    return this.#kept('wrong', wrong, 'Ready', 'False/ProductNotReady');
  }

  goes(): Promise<void> {
    return this.#kept('going', undefined, 'Ready', 'False/ProductNotFound');
  }

  async loginLost(): Promise<void> {
    const name = await this.#order();
    const { metadata, status } = await this.#whole(name);
    await this.#bench.client.delete(`${KEYS}/${credentialsSecretName(String(metadata.uid))}`);
    await this.#bench.client.patch('merge', `${ORDERS}/${name}`, { spec: { parameters: { work_mem: '8Mi' } } });
    const after = await this.#reads(name, 'Ready', 'False/CredentialsLost');
    if (after.status?.plan?.revision !== status?.plan?.revision) throw new Error('its plan was changed');
  }

  #line: unknown;

  async #product(name: string, line: object = {}): Promise<void> {
    const text = await readFile(join(import.meta.dirname, '../../../config/products/postgresql.yaml'), 'utf8');
    const entry = parse(text) as KubeObject & { spec: { lines: object[] } };
    const [first] = entry.spec.lines;
    this.#line = first;
    const spec = { ...entry.spec, lines: [{ ...first, ...line }] };
    await this.#bench.client.create(PRODUCTS, { ...entry, metadata: { name }, spec } as KubeObject);
  }

  /** What was told stays, whatever becomes of the entry. */
  async #kept(product: string, change: object | undefined, type: string, wanted: string): Promise<void> {
    await this.#product(product);
    const name = await this.#order(product);
    const { status } = await this.#whole(name);
    if (change === undefined) await this.#bench.client.delete(`${PRODUCTS}/${product}`);
    else await this.#bench.client.patch('merge', `${PRODUCTS}/${product}`, change);
    const after = await this.#reads(name, type, wanted);
    if (after.status?.plan?.revision !== status?.plan?.revision) throw new Error('its plan was changed');
    await this.#whole(name);
  }

  async #order(product = 'postgresql'): Promise<string> {
    const name = `app-${this.#made++}`;
    await this.#bench.client.create(rootPath, orderOf(name));
    await this.#bench.client.create(ORDERS, {
      ...{ apiVersion, kind: 'ManagedApplication', metadata: { name, namespace: FLEET_NAMESPACE } },
      spec: { product, line: '17', serviceLevel: 'Expert', managedVMs: [name] },
    } as KubeObject);
    return name;
  }

  /** Plan, login and binding are there, and are of each other. */
  async #whole(name: string): Promise<Order> {
    return this.#eventually(async () => {
      const order = (await this.#bench.client.get(`${ORDERS}/${name}`)) as Order;
      const uid = String(order.metadata.uid);
      const plan = planIn(decoded(await this.#secret(KEYS, planSecretName(uid)), 'plan'));
      const login = await this.#secret(KEYS, credentialsSecretName(uid));
      const binding = await this.#secret(BINDINGS, `${name}-binding`);
      if (plan === undefined || sealed(plan).revision !== order.status?.plan?.revision)
        throw new Error('the plan is not the one of which the status speaks');
      if (decoded(login, 'password') === '' || decoded(binding, 'password') !== decoded(login, 'password'))
        throw new Error('the binding has another password than the login');
      if (order.status.credentials === undefined) throw new Error('the status knows no credentials');
      return order;
    });
  }

  async #secret(path: string, name: string): Promise<Secret> {
    return (await this.#bench.client.get(`${path}/${name}`)) as Secret;
  }

  #reads(name: string, type: string, wanted: string): Promise<Order> {
    return this.#eventually(async () => {
      const order = (await this.#bench.client.get(`${ORDERS}/${name}`)) as Order;
      const is = order.status?.conditions?.find(each => each.type === type);
      if (`${is?.status}/${is?.reason}` !== wanted)
        throw new Error(`${type} of ${name} is ${is?.status}/${is?.reason}`);
      return order;
    });
  }

  async #eventually<Result>(check: () => Promise<Result>): Promise<Result> {
    const deadline = performance.now() + LIMIT_MS;
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
      await sleep(200);
    }
  }
}

const decoded = ({ data }: Secret, field: string): string =>
  Buffer.from(data?.[field] ?? '', 'base64').toString('utf8');
