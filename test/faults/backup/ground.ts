/**
 * Where faults of backups take place: the control plane with the chart, guests and storage played as on the test bed, and Velero PLAYED by us, as it is at
 * Backups and Restores when it fails. The operator is the real one, under the account of the chart. The real Velero and a real store: test/backup.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { installChart, NAMESPACE } from '../../../hack/steward/steward.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { Store } from '../../../hack/testbed/client/store.ts';
import { startTestBed, type TestBed } from '../../../hack/testbed/testbed.ts';
import { backupPolicy } from '../../../src/api/backuppolicy.ts';
import { contract } from '../../../src/api/contract.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { restore } from '../../../src/api/restore.ts';
import { serviceCalendar } from '../../../src/api/servicecalendar.ts';
import { servicePlan } from '../../../src/api/serviceplan.ts';
import { BackupStorageLocation } from '../../../src/api/upstream.ts';
import { type Any, Api, verdictOf } from '../../integration/support/api.ts';
import {
  contractOf,
  dailyPolicy,
  linuxSystem,
  machine,
  regularHours,
  restoreOrder,
  restoringPlan,
  storageLocationOf,
} from '../../integration/support/orders.ts';
import { schedulesOf } from '../../integration/support/playedbackup.ts';
import { type PlayedRestore, playRestores } from '../../integration/support/playedrestore.ts';
import { playStore } from '../../integration/support/playedstore.ts';
import { Interception } from '../interception.ts';
import { type LaunchSettings, launch, type Steward } from '../operator/launch.ts';
import { Guard } from './guard.ts';

export type Running = { readonly steward: Steward; readonly interception: Interception };

/** Longest time to an expected state on a machine that does other things too. */
export const LIMIT_MS = 120_000;
const LOOK_MS = 50;
const SCOPE = /\b(f-\d{4})\b/;

/** What a store is told to hold of each disk: the fields of Velero's BackupVolumeInfo. */
export type Holds = (disks: readonly Any[]) => readonly Any[] | undefined;

export class Ground {
  readonly bed: TestBed;
  readonly api: Api;
  readonly guard: Guard;
  readonly restores: Store<Any>;
  /** What played Velero does at the Restores, and holds in its store, of a namespace; default: all goes well. */
  readonly atRestore = new Map<string, PlayedRestore>();
  readonly inStore = new Map<string, Holds>();
  readonly say: (line: string) => void;
  readonly #ending = new AbortController();
  readonly #running = new Set<Running>();
  #kubeconfig = '';
  #made = 0;

  private constructor(bed: TestBed, api: Api, say: (line: string) => void) {
    this.bed = bed;
    this.api = api;
    this.say = say;
    this.guard = new Guard(api, this.#ending.signal);
    this.restores = new Store<Any>(api.client, pathOf(restore));
    void this.restores.follow(this.#ending.signal);
  }

  static async start(say: (line: string) => void): Promise<Ground> {
    const bed = await startTestBed({ onProgress: say });
    const ground = new Ground(bed, await Api.as(bed), say);
    try {
      await ground.#furnish();
      return ground;
    } catch (error) {
      await ground.stop();
      throw error;
    }
  }

  async #furnish(): Promise<void> {
    const { api, bed } = this;
    await installChart(bed);
    this.#kubeconfig = await bed.kubeconfigFor(NAMESPACE, 'steward');
    await api.create(operatingSystem, linuxSystem('debian-13'));
    for (const name of ['default', 'site-b', 'site-c', 'globex-vault'])
      await api.create(BackupStorageLocation, storageLocationOf(name));
    await api.create(serviceCalendar, regularHours('regular'));
    await api.create(servicePlan, restoringPlan('advanced', 'regular'));
    const told = (namespace: string, disks: readonly Any[]) => {
      const holds = this.inStore.get(namespace);
      return holds === undefined ? disks : holds(disks);
    };
    await playStore(api, this.#ending.signal, told);
    playRestores(api, this.#ending.signal, this.atRestore);
  }

  /** Ends every operator that a failed case may have left. */
  async stopOperators(): Promise<void> {
    await Promise.all([...this.#running].map(({ steward }) => steward.stop()));
  }

  async stop(): Promise<void> {
    await this.stopOperators();
    this.#ending.abort();
    await this.api.close();
    await this.bed.stop();
  }

  /** The operator in this process; what it sends and is told goes through our hands. */
  async launch(settings: Partial<LaunchSettings> = {}): Promise<Running> {
    const interception = new Interception(
      () => undefined,
      ({ path, body = '' }) => SCOPE.exec(path)?.[1] ?? this.#scopeOfVolume(path) ?? SCOPE.exec(body)?.[1],
    );
    const kubeconfig = this.#kubeconfig;
    const steward = await launch({ kubeconfig, intercept: interception.intercept, ...settings });
    const running = { steward, interception };
    this.#running.add(running);
    void steward.stopped.then(() => this.#running.delete(running));
    await this.until('the operator is ready', () => steward.ready());
    return running;
  }

  /** A volume of a case is named by nothing but the claim that it is, or was, for. */
  #scopeOfVolume(path: string): string | undefined {
    const [, name = ''] = /\/persistentvolumes\/([^/?]+)/.exec(path) ?? [];
    const { namespace = '', name: claim = '' } = this.guard.volumes.get(name)?.spec.claimRef ?? {};
    return SCOPE.exec(`${namespace} ${claim}`)?.[1];
  }

  /** Namespaces of one customer, each with a policy and a VM of the namespace's own name: what is staged of it has a name of its own too. */
  async order(
    count: number,
    spec: (index: number) => { policy?: object; vm?: object } = () => ({}),
  ): Promise<string[]> {
    const { api } = this;
    const scopes = Array.from({ length: count }, () => {
      this.#made += 1;
      return `f-${String(this.#made).padStart(4, '0')}`;
    });
    await Promise.all(scopes.map(scope => api.namespace(scope)));
    await api.create(contract, contractOf(`faults-${this.#made}`, scopes, 'advanced'));
    const disks = [
      { name: 'root', size: '20Gi', reclaimPolicy: 'Delete' },
      { name: 'data', size: '5Gi', reclaimPolicy: 'Retain' },
    ];
    await Promise.all(
      scopes.map(async (scope, index) => {
        const { policy, vm } = spec(index);
        await api.create(backupPolicy, dailyPolicy(scope, 'daily', { consistency: 'CrashConsistent', ...policy }));
        const backupPolicyRef = { kind: 'BackupPolicy', name: 'daily' };
        await api.create(managedVM, machine(scope, scope, { disks, backupPolicyRef, ...vm }));
      }),
    );
    return scopes;
  }

  /** Takes the VMs away, which a node has room for few of; nothing may hold them. */
  async remove(scopes: readonly string[]): Promise<void> {
    for (const scope of scopes)
      for (const what of ['backup', 'claim', 'volume', 'vm'] as const) this.guard.release(scope, what);
    await Promise.all(scopes.map(scope => this.api.remove(managedVM, scope, scope)));
    const left = await this.lacking(scopes, scope => this.vm(scope) === undefined);
    if (left.length > 0) throw new Error(`something holds VMs that are deleted: ${left.join()}`);
  }

  vm(scope: string): Any {
    return this.guard.vms.get(`${scope}/${scope}`);
  }

  /** Resolves as soon as a watch tells so of its one order. */
  once(scope: string, holds: (order: Any) => boolean): Promise<void> {
    return new Promise(resolve => {
      this.restores.onChange(key => {
        const order = this.restores.get(key);
        if (key === `${scope}/again` && order !== undefined && holds(order)) resolve();
      });
    });
  }

  /** Its one order. */
  restoreOf(scope: string): Any {
    return this.restores.get(`${scope}/again`);
  }

  async scheduleOf(scope: string): Promise<Any> {
    const [schedule] = await schedulesOf(this.api, this.vm(scope));
    return schedule;
  }

  orderRestore(scope: string, spec: object = {}): Promise<Any> {
    return this.api.create(restore, restoreOrder(scope, 'again', scope, { ...spec }));
  }

  async until(what: string, holds: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
    const end = performance.now() + limitMs;
    while (!(await holds())) {
      if (performance.now() > end) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
      await sleep(LOOK_MS);
    }
  }

  /** Scopes of which it does not hold in time. How long many take is the machine's: the time is limited in which they do not become fewer. */
  async lacking(scopes: readonly string[], holds: (scope: string) => boolean, limitMs = LIMIT_MS): Promise<string[]> {
    let left = scopes.filter(scope => !holds(scope));
    for (let end = performance.now() + limitMs; left.length > 0 && performance.now() < end; ) {
      await sleep(LOOK_MS);
      const before = left.length;
      left = left.filter(scope => !holds(scope));
      if (left.length < before) end = performance.now() + limitMs;
    }
    return left;
  }

  /** Until the conditions of the VM of each read so. */
  async reads(scopes: readonly string[], wanted: Readonly<Record<string, string>>): Promise<void> {
    const holds = (scope: string) =>
      Object.entries(wanted).every(([type, verdict]) => verdictOf(this.vm(scope), type) === verdict);
    const left = await this.lacking(scopes, holds);
    const said = left.map(scope => `${scope}: ${Object.keys(wanted).map(type => verdictOf(this.vm(scope), type))}`);
    if (left.length > 0) throw new Error(`not ${JSON.stringify(wanted)}: ${said.join('; ')}`);
  }
}
