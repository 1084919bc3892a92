/** A bed for the guest worker: a real API server, ManagedVMs whose status the test writes, and instances that the test plays. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installChart, KEY_NAMESPACE, type StewardProcess, startSteward } from '../../../hack/steward/steward.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { run } from '../../../hack/testbed/process/command.ts';
import { startTestBed, type TestBed } from '../../../hack/testbed/testbed.ts';
import { guestState } from '../../../src/api/gueststate.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { operatingSystem } from '../../../src/api/operatingsystem.ts';
import { Secret, VirtualMachineInstance } from '../../../src/api/upstream.ts';
import { keySecretName } from '../../../src/domain/contract/child.ts';
import { fingerprintOfLine } from '../../../src/domain/machine/sshkeys.ts';
import { type Keys, newKeys } from '../../../src/guest/transport/scriptedguest.fixtures.ts';
import { type Any, Api } from './api.ts';
import { linuxSystem, machine } from './orders.ts';
import { PLAYED_ADDRESS } from './playedaddress.ts';

export const WORKER = 'system:serviceaccount:steward-system:steward-guest';

/** Keys of guests: all may share them, since each worker knows them by the UID of the ManagedVM. */
export type GuestKeys = { readonly provider: Keys; readonly host: Keys };

export type WorkerProcess = StewardProcess & {
  /** As a node that hangs does it: nothing is run, nothing is closed. */
  pause(): void;
  resume(): void;
};

export class GuestBed {
  readonly bed: TestBed;
  readonly api: Api;
  readonly folder: string;
  readonly #workers: WorkerProcess[] = [];

  private constructor(bed: TestBed, api: Api, folder: string) {
    this.bed = bed;
    this.api = api;
    this.folder = folder;
  }

  static async start(): Promise<GuestBed> {
    const bed = await startTestBed({ kubevirt: false, played: false });
    const guests = new GuestBed(bed, await Api.as(bed), await mkdtemp(join(tmpdir(), 'steward-guests-')));
    try {
      await installChart(bed);
      await guests.api.create(operatingSystem, linuxSystem('debian-13'));
      return guests;
    } catch (error) {
      await guests.stop();
      throw error;
    }
  }

  /** A ManagedVM that runs: ordered, given its keys, and with an instance at the address of the played guests. */
  async guest(
    namespace: string,
    name: string,
    keys: GuestKeys,
    spec: Record<string, unknown> = {},
    address = PLAYED_ADDRESS,
  ): Promise<Any> {
    const made = await this.api.create(managedVM, machine(namespace, name, spec));
    await this.giveKeys(made, keys);
    await this.boot(namespace, name, address);
    return made;
  }

  /** The Secret with the keys, and their fingerprints in the status, as the operator leaves them. */
  async giveKeys({ metadata: { uid, name, namespace } }: Any, { provider, host }: GuestKeys): Promise<void> {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: keySecretName(uid), namespace: KEY_NAMESPACE },
      data: {
        'provider-key': base64(provider.privateKey),
        'provider-key.pub': base64(provider.publicKey),
        'host-key': base64(host.privateKey),
        'host-key.pub': base64(host.publicKey),
      },
    };
    await this.api.create(Secret, secret);
    const keys = { provider: fingerprintOfLine(provider.publicKey), host: fingerprintOfLine(host.publicKey) };
    const path = `${pathOf(managedVM, namespace, name)}/status`;
    await this.api.client.patch('merge', path, { status: { keys } });
  }

  /** KubeVirt's part, played: an instance that runs since an hour. */
  async boot(namespace: string, name: string, address = PLAYED_ADDRESS): Promise<Any> {
    const instance = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: { namespace, name },
      spec: {
        domain: { devices: { interfaces: [{ name: 'default', masquerade: {} }] } },
        networks: [{ name: 'default', pod: {} }],
      },
      status: {
        phase: 'Running',
        phaseTransitionTimestamps: [
          { phase: 'Running', phaseTransitionTimestamp: new Date(Date.now() - 3_600_000).toISOString() },
        ],
        interfaces: [{ name: 'default', ipAddress: address, ipAddresses: [address], infoSource: 'domain' }],
      },
    };
    return this.api.create(VirtualMachineInstance, instance);
  }

  /** Standard output of kubectl as administrator. */
  kubectl(args: readonly string[]): Promise<string> {
    return run(this.bed.binaries.kubectl, args, { env: { ...process.env, KUBECONFIG: this.bed.adminKubeconfig } });
  }

  /** Another instance of the same machine. */
  async reboot(namespace: string, name: string): Promise<void> {
    await this.powerOff(namespace, name);
    await this.boot(namespace, name);
  }

  powerOff(namespace: string, name: string): Promise<void> {
    return this.api.remove(VirtualMachineInstance, namespace, name);
  }

  record(namespace: string, name: string): Promise<Any> {
    return this.api.find(guestState, namespace, name);
  }

  /** A worker under the chart's account. `program`: `src/main.ts guest` in place of the one whose guest is a folder. */
  async worker(
    port: number,
    environment: Record<string, string> = {},
    program = join(import.meta.dirname, 'guestworker.ts'),
  ): Promise<WorkerProcess> {
    const steward = await startSteward(this.bed, {
      command: 'guest',
      program,
      preload: join(import.meta.dirname, 'toplayedguests.ts'),
      environment: {
        STEWARD_GUEST_SSH_PORT: `${port}`,
        STEWARD_GUEST_SHARDS: '1',
        STEWARD_LOG_LEVEL: 'debug',
        ...environment,
      },
    });
    const { child } = steward;
    const worker: WorkerProcess = {
      ...steward,
      pause: () => void child.kill('SIGSTOP'),
      resume: () => void child.kill('SIGCONT'),
    };
    this.#workers.push(worker);
    await worker.ready();
    return worker;
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) await worker.stop('SIGKILL');
    await this.api.close();
    await this.bed.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function newGuestKeys(): GuestKeys {
  return { provider: newKeys(), host: newKeys() };
}
