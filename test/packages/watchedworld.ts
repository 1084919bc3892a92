/**
 * Who watches applications, without a cluster: the Probes and rules that Steward renders, the configuration that prometheus-operator makes of the
 * Probes, a real Prometheus, the real blackbox exporter, and Steward's own question to Prometheus. Four things are played: the DNS of the cluster,
 * by a hosts file; config-reloader, which writes the number of the shard into the configuration; the default that the API server puts into a
 * Probe; and ServiceMonitors, whose labels a job has for the exporter of each application. What is asked every 30 seconds is asked every few.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { queryPrometheus } from '../../hack/steward/prometheus.ts';
import { ensureInstallation, type Installation } from '../../hack/testbed/build/installation.ts';
import { run } from '../../hack/testbed/process/command.ts';
import { freePorts } from '../../hack/testbed/process/ports.ts';
import { type Server, startServer } from '../../hack/testbed/process/server.ts';
import { until } from '../../hack/testbed/process/until.ts';
import { type BlackboxExporter, startBlackboxExporter } from '../../hack/testbed/upstream/blackboxexporter.ts';
import { scrapeConfigOf } from '../../hack/testbed/upstream/scrapeconfig.ts';
import { type ManagedApplication, ManagedApplicationSpec } from '../../src/api/managedapplication.ts';
import type { ManagedVM } from '../../src/api/managedvm.ts';
import { ProductSpec } from '../../src/api/product.ts';
import type { Ordered } from '../../src/controllers/managedapplication/facts.ts';
import { type ApplicationPrometheus, applicationPrometheus } from '../../src/controllers/managedapplication/watch.ts';
import { readSettings, type Settings } from '../../src/controllers/settings.ts';
import type { Verdict } from '../../src/domain/contract/finding.ts';
import { applicationRulesName } from '../../src/domain/policies/applicationrules.ts';
import { watchersOf } from '../../src/domain/policies/applicationwatchers.ts';
import { reachable } from '../../src/domain/policies/reachable.ts';
import type { Reader } from '../../src/runtime/pass/controller.ts';

/** Every so often a target is asked here, and Prometheus is; the Probes say 30 s and 10 s. */
const SCRAPE = { scrape_interval: '4s', scrape_timeout: '3s' };
const TOLERANCE = '15s';
/** A fake: a cache of a cluster that has all kinds, and no object. */
const CACHE = { get: () => undefined, state: () => 'served' } as unknown as Reader;
const WORKS: Verdict = { status: 'True', reason: 'ProbesSucceed', message: '' };
const say = (line: string) => console.log(line);

/** An order of a Product, whose server listens on 127.0.0.1 at the port of its interface. */
export type Asked = { readonly application: ManagedApplication; readonly product: ProductSpec };

/** `modules`: file of the blackbox exporter. `exporters`: ports of those of the products, by the name of the order. */
export type Watch = {
  readonly orders: readonly Asked[];
  readonly modules: string;
  readonly exporters?: ReadonlyMap<string, number>;
};

/** An order of an entry of the catalogue, as it says how it is asked or otherwise. */
export function asked(name: string, entry: object, port: number, outside?: object): Asked {
  const { interface: face, monitoring, ...spec } = ProductSpec.parse(entry);
  return {
    application: {
      ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'ManagedApplication' },
      metadata: { name, namespace: 'acme', uid: name },
      spec: ManagedApplicationSpec.parse({
        ...{ product: 'of-the-catalogue', line: spec.lines[0]?.name, serviceLevel: 'Expert', managedVMs: [name] },
      }),
      status: { installed: '2026-11-01T00:00:00Z' },
    },
    product: ProductSpec.parse({
      ...spec,
      interface: { ...face, port },
      monitoring: { ...monitoring, ...(outside && { outside }) },
    }),
  };
}

export class WatchedWorld {
  readonly #orders: readonly Asked[];
  readonly #modules: string;
  readonly #exporters: ReadonlyMap<string, number>;
  readonly #folder: string;
  readonly #settings: Settings;
  readonly #prometheus: ApplicationPrometheus;
  readonly #servers: Server[] = [];
  #exporter: BlackboxExporter | undefined;

  private constructor({ orders, modules, exporters = new Map() }: Watch, folder: string, settings: Settings) {
    this.#orders = orders;
    this.#modules = modules;
    this.#exporters = exporters;
    this.#folder = folder;
    this.#settings = settings;
    this.#prometheus = applicationPrometheus(settings.prometheus, settings.blackbox);
  }

  static async start(watch: Watch): Promise<WatchedWorld> {
    const [exporterPort = 0, port = 0] = await freePorts(2);
    const environment = {
      STEWARD_BLACKBOX_ADDRESS: `127.0.0.1:${exporterPort}`,
      STEWARD_PROMETHEUS_URL: `http://127.0.0.1:${port}`,
      STEWARD_PROMETHEUS_TOLERANCE: TOLERANCE,
    };
    const folder = await mkdtemp(join(tmpdir(), 'steward-outside-'));
    const world = new WatchedWorld(watch, folder, readSettings(environment, 'outside'));
    await world.startExporter();
    await world.#startPrometheus(port);
    return world;
  }

  async startExporter(): Promise<void> {
    const names = this.#orders.map(({ application: { metadata } }) => `${metadata.name}.acme.svc`);
    const port = Number(this.#settings.blackbox?.address.split(':')[1]);
    this.#exporter = await startBlackboxExporter({ modules: this.#modules, names, port }, say);
  }

  async stopExporter(): Promise<void> {
    await this.#exporter?.stop();
    this.#exporter = undefined;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.stop();
    await this.stopExporter();
    await rm(this.#folder, { recursive: true });
  }

  /** What condition Reachable of each order says now, after Prometheus was asked once more. */
  async reachable(): Promise<Readonly<Record<string, string>>> {
    for (const { ask } of this.#prometheus.polls)
      await ask(new Date(), AbortSignal.timeout(10_000), {
        read: CACHE,
        list: async () => [],
        listAll: async () => [],
        monotonic: () => 0,
      });
    const said = this.#orders.map(order => {
      const { status, reason } = this.#verdict(order);
      return [order.application.metadata.name, `${status}/${reason}`];
    });
    return Object.fromEntries(said);
  }

  /** Its message. */
  messageOf(name: string): string {
    const of = this.#orders.find(({ application }) => application.metadata.name === name);
    if (of === undefined) throw new Error(`There is no order ${name}`);
    return this.#verdict(of).message;
  }

  /** Values of an instant query, by the application that they are of. */
  async query(expression: string): Promise<Readonly<Record<string, number>>> {
    const found = await this.#ask(expression);
    return Object.fromEntries(found.map(({ metric, value }) => [metric.application ?? '', Number(value[1])]));
  }

  /** How many series an instant query finds. */
  async samples(expression: string): Promise<number> {
    return (await this.#ask(expression)).length;
  }

  #ask(expression: string) {
    return queryPrometheus(this.#settings.prometheus?.url ?? '', expression);
  }

  #verdict({ application, product }: Asked): Verdict {
    const watch = this.#prometheus.watchOf(application as Ordered, product, CACHE);
    const child = { kind: 'PrometheusRule', namespace: 'acme', name: applicationRulesName(application) };
    const outcomes = [{ child, action: 'unchanged' as const, object: { metadata: {} } }];
    return reachable({ application, managedVM: machineOf(application), watch, outcomes, now: new Date() }, WORKS);
  }

  async #startPrometheus(port: number): Promise<void> {
    const installation = await ensureInstallation(say);
    const file = join(this.#folder, 'prometheus.yaml');
    await writeFile(file, JSON.stringify(await this.#configuration(await versionOf(installation))));
    const { prometheus, tether } = installation.binaries;
    const server = startServer({
      ...{ name: 'prometheus', program: prometheus, tether, logFile: join(this.#folder, 'prometheus.log') },
      args: [
        `--config.file=${file}`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--storage.tsdb.path=${join(this.#folder, 'data')}`,
      ],
    });
    this.#servers.push(server);
    const answers = () => fetch(`http://127.0.0.1:${port}/-/ready`).then(({ body }) => body?.cancel());
    await until('Prometheus', answers, server.died);
  }

  async #configuration(version: string): Promise<object> {
    const children = this.#orders.flatMap(({ application, product }) =>
      watchersOf(application, product, machineOf(application), this.#settings),
    );
    const probes = children.filter(({ kind }) => kind === 'Probe').map(asStored);
    const rules = children.filter(({ kind }) => kind === 'PrometheusRule');
    const files = rules.map(({ metadata }) => join(this.#folder, `${metadata.name}.rules.yaml`));
    await Promise.all(rules.map((rule, at) => writeFile(files[at] ?? '', atOnce(rule))));
    const generated = parse((await scrapeConfigOf(probes, version, say)).replaceAll('$(SHARD)', '0'));
    return {
      ...generated,
      global: { ...generated.global, evaluation_interval: '2s' },
      rule_files: files,
      scrape_configs: [...generated.scrape_configs, ...[...this.#exporters].map(exporterJob)].map(job => ({
        ...job,
        ...SCRAPE,
      })),
    };
  }
}

/** `spec.prober.path` has a default in the CRD; that the API server puts it there is seen in test/integration/applications.test.ts. */
function asStored(probe: object): object {
  const spec = specOf(probe) as { readonly prober: object };
  return { ...probe, spec: { ...spec, prober: { path: '/probe', ...spec.prober } } };
}

/** Every group as often as all is evaluated here. */
function atOnce(rule: object): string {
  const { groups } = specOf(rule) as { readonly groups: readonly { readonly name: string; readonly rules: unknown }[] };
  return JSON.stringify({ groups: groups.map(({ name, rules }) => ({ name, rules })) });
}

function exporterJob([name, port]: readonly [string, number]): object {
  const labels = { namespace: 'acme', managed_vm: name, application: name };
  return { job_name: `exporter/${name}`, static_configs: [{ targets: [`127.0.0.1:${port}`], labels }] };
}

function specOf(child: object): unknown {
  return (child as { readonly spec?: unknown }).spec;
}

function machineOf({ spec, metadata }: ManagedApplication): ManagedVM {
  const machine = {
    metadata: { name: spec.managedVMs[0], namespace: metadata.namespace },
    spec: { powerState: 'Running' },
  };
  return machine as unknown as ManagedVM;
}

async function versionOf({ binaries }: Installation): Promise<string> {
  const said = await run(binaries.prometheus, ['--version']);
  const version = /version (\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (version === undefined) throw new Error(`Prometheus says no version: ${said}`);
  return version;
}
