/** Guests on the real node, as their customer sees them: ordered, watched, logged in to. */
import { availableParallelism } from 'node:os';
import { expect, inject } from 'vitest';
import { CUSTOMER, guest, newKeyPair, type SSHKeyPair } from '../../../hack/steward/guestorders.ts';
import { loginsOf } from '../../../hack/steward/logins.ts';
import { firingAlerts, queryPrometheus } from '../../../hack/steward/prometheus.ts';
import { inGuest, type Login } from '../../../hack/steward/ssh.ts';
import { run } from '../../../hack/testbed/process/command.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { shellWord } from '../../../src/guest/shellword.ts';
import { type Any, Api, type Condition, conditionOf } from '../../integration/support/api.ts';
import { eventually, reads } from '../../integration/support/eventually.ts';
import { Hands } from './hands.ts';

/** Milliseconds in which an emulated guest boots and configures itself on a busy machine. */
export const BOOT = 1_200_000;

/** How many emulated guests boot at the same time: where they share a core, each takes more CPU time than alone, up to twice as much. */
const AT_ONCE = availableParallelism();

/** Milliseconds between two looks: what takes minutes need not be asked for oftener, and the guests need the machine. */
const LOOK = 1_000;

type Spec = Readonly<Record<string, unknown>>;

export class Guests {
  readonly namespace: string;
  readonly api: Api;
  readonly #key = newKeyPair('anna@acme.example');

  private constructor(api: Api, namespace: string) {
    this.api = api;
    this.namespace = namespace;
  }

  /** A namespace of its own for the guests of one file. */
  static async in(namespace: string): Promise<Guests> {
    const api = await Api.as(inject('service'));
    return new Guests(api, await api.namespace(namespace));
  }

  async order(name: string, spec: Spec = {}): Promise<void> {
    const ordered = { serviceLevel: 'MonitoringAndPatching', ...spec };
    await this.api.create(managedVM, guest(this.namespace, name, this.#key.publicKey, ordered));
  }

  /** Orders it once there is a core for it to boot on; the ManagedVMs of all namespaces count that shall run and have not been heard of yet. */
  async orderInTurn(name: string, spec: Spec = {}): Promise<void> {
    await this.#eventually(async () => expect(await this.#booting()).toBeLessThan(AT_ONCE), 2 * BOOT);
    await this.order(name, spec);
  }

  /** The customer, as `spec.access.users` has them. */
  get customer(): object {
    return { name: CUSTOMER, sshKeys: [this.#key.publicKey], administrator: true };
  }

  edit(name: string, spec: Spec): Promise<Any> {
    return this.api.edit(managedVM, this.namespace, name, { spec });
  }

  /** Waits until the conditions of the newest generation read as given. */
  reads(name: string, wanted: Readonly<Record<string, string>>, timeout = BOOT): Promise<Any> {
    return reads(this.api, managedVM, this.namespace, name, wanted, timeout, LOOK);
  }

  /** Waits until the condition is False, whatever its reason. */
  fails(name: string, type: string, timeout = BOOT): Promise<Condition> {
    return this.#eventually(async () => {
      const condition = conditionOf(await this.api.get(managedVM, this.namespace, name), type);
      if (condition?.status !== 'False') throw new Error(`${type} of ${name} is ${condition?.status ?? 'absent'}`);
      return condition;
    }, timeout);
  }

  /** Waits until the guest runs and its agent answers. */
  booted(name: string): Promise<Any> {
    return this.reads(name, { Ready: 'True/Running', AgentConnected: 'True/AgentAnswers' });
  }

  /** Waits until it has booted and the guest worker has made all in it that is ordered: accounts, rights, sensors. */
  async configured(name: string): Promise<Any> {
    await this.booted(name);
    return this.reads(name, { GuestReachable: 'True/Reached', Configured: 'True/AsOrdered' });
  }

  /** Standard output of a command in the guest, run with root's rights by the provider. */
  async asRoot(name: string, command: string): Promise<string> {
    const { provider } = await this.#logins(name);
    return (await inGuest(provider, `sudo sh -c ${shellWord(command)}`)).trim();
  }

  /** The same as any user, by a key of theirs, or on the same connection by a second one. */
  async as(user: string, key: SSHKeyPair, name: string, command: string, second?: SSHKeyPair): Promise<string> {
    const { customer } = await this.#logins(name);
    const login = { ...customer, user, privateKey: key.privateKey, secondKey: second?.privateKey };
    return (await inGuest(login, command)).trim();
  }

  async asCustomer(name: string, command: string): Promise<string> {
    const { customer } = await this.#logins(name);
    return (await inGuest(customer, command)).trim();
  }

  /** Waits until the guest lets the provider in. */
  reachable(name: string): Promise<string> {
    return this.#eventually(() => this.asRoot(name, 'cat /proc/sys/kernel/random/boot_id'), BOOT);
  }

  async hands(name: string): Promise<Hands> {
    return new Hands((await this.#logins(name)).provider);
  }

  /** As who may log in to the guest, with which host key. */
  async loginOf(name: string): Promise<Login> {
    return (await this.#logins(name)).provider;
  }

  #logins(name: string): Promise<{ customer: Login; provider: Login }> {
    return loginsOf(this.api.client, this.namespace, name, this.#key.privateKey);
  }

  /** The names of the alerts about one VM that Alertmanager holds, sorted. */
  async alertsOf(name: string): Promise<string[]> {
    const alerts = await firingAlerts(inject('service').alertmanager);
    return alerts
      .filter(({ labels }) => labels.namespace === this.namespace && labels.managed_vm === name)
      .map(({ labels }) => labels.alertname ?? '')
      .sort();
  }

  /** Waits until Alertmanager holds the alert about the VM. */
  alarmed(name: string, alert: string, timeout: number): Promise<void> {
    return this.#eventually(async () => expect(await this.alertsOf(name)).toContain(alert), timeout);
  }

  /** Waits until Alertmanager no longer holds the alert about the VM. */
  cleared(name: string, alert: string, timeout: number): Promise<void> {
    return this.#eventually(async () => expect(await this.alertsOf(name)).not.toContain(alert), timeout);
  }

  /** What Prometheus answers to a query. */
  measured(query: string): ReturnType<typeof queryPrometheus> {
    return queryPrometheus(inject('service').prometheus, query);
  }

  /** How many targets of one VM Prometheus scrapes with success. */
  async scraped(name: string): Promise<number> {
    return (await this.measured(`up{namespace="${this.namespace}",managed_vm="${name}"} == 1`)).length;
  }

  /** What the guest's exporter last told Prometheus of a metric without labels of its own; undefined where it told nothing. */
  async metric(name: string, metric: string): Promise<number | undefined> {
    const series = `${metric}{namespace="${this.namespace}",managed_vm="${name}"}`;
    const [sample] = await this.measured(series);
    return sample && Number(sample.value[1]);
  }

  /** Lets the guests go, so that those of the next file have the machine; does not wait for it. One that is protected stays. */
  async close(): Promise<void> {
    await kubectl('-n', this.namespace, 'delete', 'managedvm', '--all', '--wait=false').catch(() => '');
    await this.api.close();
  }

  async #booting(): Promise<number> {
    const running = (await this.api.list(managedVM)).filter(({ spec }) => spec.powerState === 'Running');
    return running.filter(each => (conditionOf(each, 'AgentConnected')?.status ?? 'Unknown') === 'Unknown').length;
  }

  #eventually<Answer>(check: () => Promise<Answer>, timeout: number): Promise<Answer> {
    return eventually(check, timeout, LOOK);
  }
}

/** Standard output of kubectl as administrator. */
export function kubectl(...args: readonly string[]): Promise<string> {
  return kubectlWith(args);
}

/** The same; `input` goes to its standard input as JSON. */
export function kubectlWith(args: readonly string[], input?: object): Promise<string> {
  const { kubectl: program, kubeconfig } = inject('service');
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  return run(program, args, { env, ...(input && { input: JSON.stringify(input) }) });
}
