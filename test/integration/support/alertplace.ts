/** Sensors, a real Prometheus with Steward's own rules, a real Alertmanager, and the receiver of alerts on a bare API server. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type StewardProcess, startSteward } from '../../../hack/steward/steward.ts';
import { applyCrds } from '../../../hack/testbed/client/apply.ts';
import type { KubeObject } from '../../../hack/testbed/client/client.ts';
import { freePorts } from '../../../hack/testbed/process/ports.ts';
import { startTestBed, type TestBed } from '../../../hack/testbed/testbed.ts';
import { type Incident, incident } from '../../../src/api/incident.ts';
import { type ManagedVM, managedVM } from '../../../src/api/managedvm.ts';
import { PrometheusRule } from '../../../src/api/upstream.ts';
import { receivePermissions } from '../../../src/controllers/intake/permissions.ts';
import { renderOverrideRules } from '../../../src/domain/monitoring/prometheusrules.ts';
import { readCrds } from '../api/support/server.ts';
import { RealAlertmanager } from './alertmanager.ts';
import { type Any, Api } from './api.ts';
import { machine } from './orders.ts';
import { job, RealPrometheus } from './prometheus.ts';

export const SENDER = 'system:serviceaccount:monitoring:alertmanager';
const AUDIENCE = 'steward-receive';
/** What is said to people in rules, and who finds them, is no matter here. */
export const PLAIN = { monitoringLabels: {}, runbookBaseURL: '' };
const ClusterRoleBinding = {
  ...{ group: 'rbac.authorization.k8s.io', version: 'v1', namespaced: false },
  ...{ kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' },
};
const ClusterRole = { ...ClusterRoleBinding, kind: 'ClusterRole', plural: 'clusterroles' };
const ServiceAccount = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};

/** What the guests' sensors tell, of all VMs at one address. */
class Sensors {
  readonly address: string;
  /** `namespace/name` of the VMs whose memory is short. */
  readonly short = new Set<string>();
  /** Those whose CPUs never idle. Of the others nothing is told: a rate of few readings is far too low. */
  readonly busy = new Set<string>();
  readonly vms = new Set<string>();
  /** How many file systems of a VM are full. */
  readonly full = new Map<string, number>();
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.address = `127.0.0.1:${port}`;
  }

  static async start(): Promise<Sensors> {
    const [port = 0] = await freePorts(1);
    const server = createServer((_, response) => void response.end(sensors.told()));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const sensors = new Sensors(server, port);
    return sensors;
  }

  told(): string {
    // Of exporters of their own, Prometheus itself would write it.
    const all = new Set([...this.vms, ...this.busy, ...this.full.keys()]);
    const up = [...all].map(vm => `up{${labelsOf(vm)}} 1`);
    const memory = [...this.vms].flatMap(vm => [
      `node_memory_MemTotal_bytes{${labelsOf(vm)}} 4e+09`,
      `node_memory_MemAvailable_bytes{${labelsOf(vm)}} ${this.short.has(vm) ? 1e8 : 3e9}`,
    ]);
    const busy = [...this.busy].map(vm => `node_cpu_seconds_total{${labelsOf(vm)},cpu="0",mode="idle"} 1`);
    const disks = [...this.full].flatMap(([vm, count]) =>
      Array.from({ length: count }, (_, index) => `${labelsOf(vm)},fstype="ext4",mountpoint="/mnt/${index}"`).flatMap(
        of => [`node_filesystem_avail_bytes{${of}} 1e+09`, `node_filesystem_size_bytes{${of}} 1e+11`],
      ),
    );
    return [...up, ...memory, ...busy, ...disks, ''].join('\n');
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function labelsOf(vm: string): string {
  const [namespace, name] = vm.split('/');
  return `namespace="${namespace}",managed_vm="${name}",service_level="AdvancedMonitoringAndPatching",os_family="Linux"`;
}

/** Where people are told, on a route that is muted. */
class People {
  readonly url: string;
  told = 0;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<People> {
    const [port = 0] = await freePorts(1);
    const server = createServer((_, response) => {
      people.told += 1;
      response.end();
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const people = new People(server, port);
    return people;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export class AlertPlace {
  readonly api: Api;
  readonly bed: TestBed;
  readonly sensors: Sensors;
  readonly people: People;
  readonly prometheus: RealPrometheus;
  readonly alertmanager: RealAlertmanager;
  readonly #port: number;
  #receiver: StewardProcess | undefined;

  private constructor(
    bed: TestBed,
    api: Api,
    [sensors, people, prometheus, alertmanager, [port = 0]]: readonly [
      Sensors,
      People,
      RealPrometheus,
      RealAlertmanager,
      readonly number[],
    ],
  ) {
    this.bed = bed;
    this.api = api;
    this.sensors = sensors;
    this.people = people;
    this.prometheus = prometheus;
    this.alertmanager = alertmanager;
    this.#port = port;
  }

  static async start(): Promise<AlertPlace> {
    const bed = await startTestBed({ kubevirt: false, played: false, crds: ['monitoring'] });
    const api = await Api.as(bed);
    const parts = await Promise.all([
      ...([Sensors.start(), People.start()] as const),
      ...([RealPrometheus.on(bed), RealAlertmanager.on(bed), freePorts(1)] as const),
    ]);
    const place = new AlertPlace(bed, api, parts);
    await applyCrds(api.client, await readCrds());
    for (const name of ['monitoring', 'steward-system']) await api.namespace(name);
    await place.#account('monitoring', 'alertmanager');
    await place.#grant();
    await place.allow(await place.token('alertmanager', AUDIENCE));
    return place;
  }

  async stop(): Promise<void> {
    await this.#receiver?.stop('SIGKILL');
    await Promise.all([this.prometheus.stop(), this.alertmanager.stop()]);
    this.sensors.close();
    this.people.close();
    await this.api.close();
    await this.bed.stop();
  }

  /** A monitored VM with thresholds of its own, so that its alerts wait a second, and its rules as Steward renders them. */
  async vm(namespace: string, name: string, spec: Record<string, unknown> = {}): Promise<ManagedVM> {
    const alertThresholds = { memoryPercent: 50, cpuPercent: 50, pendingFor: '1s' };
    const made: ManagedVM = await this.api.create(managedVM, machine(namespace, name, { alertThresholds, ...spec }));
    const rules = renderOverrideRules(made, PLAIN);
    if (rules !== undefined) await this.api.create(PrometheusRule, rules);
    this.sensors.vms.add(`${namespace}/${name}`);
    return made;
  }

  async rules(rules: KubeObject): Promise<void> {
    await this.api.create(PrometheusRule, rules);
  }

  /** Has Prometheus take over all PrometheusRules that there are. */
  async watch(): Promise<void> {
    const jobs = [job('guests', this.sensors.address, '/metrics')];
    await this.prometheus.load(await this.api.list(PrometheusRule), jobs, this.alertmanager.address);
  }

  /** Steward's route is never muted; that of people is always. */
  startAlertmanager(): Promise<void> {
    const soon = { group_wait: '0s', group_interval: '1s', repeat_interval: '1h' };
    const url = `http://127.0.0.1:${this.#port}/alerts`;
    const http_config = { authorization: { credentials_file: this.#tokenFile } };
    return this.alertmanager.start({
      route: {
        ...{ receiver: 'people', group_by: ['namespace', 'managed_vm', 'application'], ...soon },
        routes: [
          { receiver: 'steward', continue: true, ...soon },
          { receiver: 'people', mute_time_intervals: ['always'], ...soon },
        ],
      },
      time_intervals: [{ name: 'always', time_intervals: [{ years: ['2000:2999'] }] }],
      receivers: [
        { name: 'steward', webhook_configs: [{ url, send_resolved: true, http_config }] },
        { name: 'people', webhook_configs: [{ url: this.people.url, send_resolved: true }] },
      ],
    });
  }

  /** A process of its own, under an account that may do what the receiver declares and nothing else. */
  async startReceiver(): Promise<StewardProcess> {
    const receiver = await startSteward(this.bed, {
      command: 'receive',
      environment: {
        STEWARD_RECEIVE_PORT: `${this.#port}`,
        STEWARD_RECEIVE_SENDERS: SENDER,
        STEWARD_RECEIVE_INTERVAL: '1s',
        STEWARD_PROMETHEUS_URL: this.prometheus.url,
        STEWARD_ALERTMANAGER_URL: this.alertmanager.url,
      },
    });
    this.#receiver = receiver;
    await receiver.ready();
    return receiver;
  }

  async stopReceiver(signal: NodeJS.Signals): Promise<void> {
    await this.#receiver?.stop(signal);
    this.#receiver = undefined;
  }

  /** Status of the answer to a message. */
  async post(body: unknown, token: string | undefined): Promise<number> {
    const { status } = await fetch(`http://127.0.0.1:${this.#port}/alerts`, {
      method: 'POST',
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    return status;
  }

  /** The value of a metric of the receiver. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(this.#receiver?.metricsURL ?? '')).text();
    return Number(
      text
        .split('\n')
        .find(line => line.startsWith(`${name} `))
        ?.slice(name.length + 1) ?? Number.NaN,
    );
  }

  async incidents(namespace: string): Promise<readonly Incident[]> {
    return this.api.list(incident, namespace);
  }

  /** What Alertmanager holds. */
  async active(): Promise<readonly Any[]> {
    return (await (await fetch(`${this.alertmanager.url}/api/v2/alerts`)).json()) as Any[];
  }

  async token(account: string, audience: string): Promise<string> {
    const path = `/api/v1/namespaces/monitoring/serviceaccounts/${account}/token`;
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [audience] } };
    const { status } = (await this.api.client.create<object>(path, request)) as Any;
    return status.token;
  }

  /** The token that Alertmanager sends from now on. */
  allow(token: string): Promise<void> {
    return writeFile(this.#tokenFile, token);
  }

  get #tokenFile(): string {
    return join(this.bed.dir, 'alertmanager.token');
  }

  async account(name: string): Promise<void> {
    await this.#account('monitoring', name);
  }

  async #account(namespace: string, name: string): Promise<void> {
    await this.api.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } });
  }

  /** The receiver may do what it declares, and nothing else. */
  async #grant(): Promise<void> {
    const name = 'steward-receive';
    await this.#account('steward-system', name);
    const rules = receivePermissions.map(({ group, resource, verbs }) => ({
      ...{ apiGroups: [group], resources: [resource], verbs },
    }));
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    await this.api.create(ClusterRole, { apiVersion, kind: 'ClusterRole', metadata: { name }, rules } as Any);
    await this.api.create(ClusterRoleBinding, {
      ...{ apiVersion, kind: 'ClusterRoleBinding', metadata: { name } },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'steward-system' }],
    } as Any);
  }
}
