/** A real Prometheus on a bed without a node: it scrapes what the operator's objects describe, at addresses that a test can reach. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { freePorts } from '../../../hack/testbed/process/ports.ts';
import { until } from '../../../hack/testbed/process/until.ts';
import type { TestBed } from '../../../hack/testbed/testbed.ts';
import { PrometheusRule, ServiceMonitor } from '../../../src/api/upstream.ts';
import type { Any, Api } from './api.ts';

/** Where the metrics of a VM's guest, of KubeVirt and of Steward are to be had: `127.0.0.1:port`, and the path. */
export type Targets = {
  readonly guests: string;
  readonly kubevirt: string;
  readonly steward: string;
};

export class RealPrometheus {
  readonly url: string;
  readonly #bed: TestBed;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(bed: TestBed, port: number) {
    this.#bed = bed;
    this.#folder = join(bed.dir, `prometheus-${port}`);
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Not started yet. */
  static async on(bed: TestBed): Promise<RealPrometheus> {
    const [port = 0] = await freePorts(1);
    return new RealPrometheus(bed, port);
  }

  async start(): Promise<void> {
    const { host } = new URL(this.url);
    const file = join(this.#folder, 'prometheus.yaml');
    // Alertmanager forgets what it is not told again, and in production is told once in a minute.
    const flags = [
      `--storage.tsdb.path=${join(this.#folder, 'data')}`,
      ...['--web.enable-lifecycle', '--rules.alert.resend-delay=2s'],
    ];
    const command = [this.#bed.binaries.prometheus, `--config.file=${file}`, `--web.listen-address=${host}`, ...flags];
    this.#process = spawn(this.#bed.binaries.tether, [`${process.pid}`, ...command], { stdio: 'ignore' });
    const answers = async () => {
      if (!(await fetch(`${this.url}/-/ready`)).ok) throw new Error('it is not ready');
    };
    await until('Prometheus', answers, diedOf(this.#process));
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await once(child, 'exit');
  }

  /** Everything that it has stored is gone. */
  forget(): Promise<void> {
    return rm(join(this.#folder, 'data'), { recursive: true, force: true });
  }

  /** Takes over the ServiceMonitors, and the PrometheusRules that are wanted, as prometheus-operator would. */
  async configure(api: Api, namespace: string, targets: Targets, wanted = (_name: string) => true): Promise<void> {
    const monitors = await api.list(ServiceMonitor, namespace);
    const rules = (await api.list(PrometheusRule, namespace)).filter(({ metadata }) => wanted(metadata.name));
    await this.load(rules, [
      ...monitors.map(monitor => guestJob(monitor, targets)),
      job('kubevirt', targets.kubevirt, '/kubevirt'),
      job('steward', targets.steward, '/metrics'),
    ]);
  }

  /** PrometheusRules, in files with the names that prometheus-operator gives them; jobs; and the address of the Alertmanager that is told. */
  async load(rules: readonly Any[], jobs: readonly object[], alertmanager?: string): Promise<void> {
    const folder = join(this.#folder, 'rules');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const files = rules.map(({ metadata: { namespace, name, uid } }) =>
      join(folder, `${namespace}-${name}-${uid}.yaml`),
    );
    await Promise.all(rules.map(({ spec }, index) => writeFile(files[index] ?? '', atOnce(spec))));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      ...{ rule_files: [join(folder, '*.yaml')], scrape_configs: jobs },
      ...(alertmanager && { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
    };
    await writeFile(join(this.#folder, 'prometheus.yaml'), JSON.stringify(config));
    if (this.#process?.exitCode === null) await fetch(`${this.url}/-/reload`, { method: 'POST' });
  }
}

function diedOf(child: ChildProcess): Promise<never> {
  const died = once(child, 'exit').then(() => Promise.reject(new Error('Prometheus has ended')));
  died.catch(() => {}); // That it is stopped later is nobody's fault.
  return died;
}

/** Every group as often as all is evaluated here: who waits for a group of minutes waits for minutes. */
function atOnce({ groups }: Any): string {
  return JSON.stringify({ groups: groups.map(({ name, rules }: Any) => ({ name, rules })) });
}

export function job(name: string, target: string, path: string, labels: object = {}) {
  const static_configs = [{ targets: [target], labels }];
  return { job_name: name, honor_labels: true, metrics_path: path, static_configs };
}

/** A ServiceMonitor's endpoint; `namespace` is what prometheus-operator's own relabeling adds. */
function guestJob({ metadata, spec }: Any, { guests }: Targets) {
  const [endpoint] = spec.endpoints;
  const relabel_configs = endpoint.relabelings.map((each: Any) => ({
    ...{ action: each.action, replacement: each.replacement, target_label: each.targetLabel },
  }));
  const path = `/guests/${metadata.name}`;
  return {
    ...job(metadata.name, guests, path, { namespace: metadata.namespace }),
    honor_labels: false,
    relabel_configs,
  };
}

/** Stands in for the exporters in guests and for KubeVirt's metrics; answers 503 for a guest that is to be silent. */
export class ScriptedExporter {
  readonly address: string;
  /** ServiceMonitors whose guest does not answer. */
  readonly silent = new Set<string>();
  /** What a ServiceMonitor's target tells beside its memory. */
  readonly told = new Map<string, () => string>();
  /** How often each ServiceMonitor's guest was asked. */
  readonly asked = new Map<string, number>();
  readonly #close: () => void;

  private constructor(address: string, close: () => void) {
    this.address = address;
    this.#close = close;
  }

  static async start(namespace: string, virtualMachines: readonly string[]): Promise<ScriptedExporter> {
    const server = createServer(({ url = '' }, response) => {
      const name = url.startsWith('/guests/') ? url.slice('/guests/'.length) : undefined;
      if (name !== undefined) exporter.asked.set(name, (exporter.asked.get(name) ?? 0) + 1);
      if (name !== undefined && exporter.silent.has(name)) response.writeHead(503).end();
      else
        response.end(
          name === undefined ? kubevirt : `node_memory_MemTotal_bytes 4e+09\n${exporter.told.get(name)?.() ?? ''}`,
        );
    });
    const kubevirt = virtualMachines
      .map(
        name => `kubevirt_vm_info{namespace="${namespace}",name="${name}",status="running",status_group="running"} 1\n`,
      )
      .join('');
    const [port = 0] = await freePorts(1);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const exporter = new ScriptedExporter(`127.0.0.1:${port}`, () => {
      server.close();
      server.closeAllConnections();
    });
    return exporter;
  }

  close(): void {
    this.#close();
  }
}
