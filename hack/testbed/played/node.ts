/**
 * PLAYED, not real: the kubelet and scheduler for virt-launcher Pods, and those that attach a disk, on the Node `played-node`.
 *
 * Real: the Pods themselves, made by virt-controller and admitted by kube-apiserver with its quota. Played: they are bound without
 * regard for resources, nodeSelector or taints; no container runs, their containers are reported as running, and a Pod that is to go
 * is gone at once. The compute container's readiness probe, where it has one, reports what the played guest agent does.
 */

import type { Client, KubeObject, Metadata } from '../client/client.ts';
import { type Condition, isTrue } from '../client/conditions.ts';
import { type Key, keyOf, Store } from '../client/store.ts';
import { timestamp } from '../client/timestamp.ts';
import type { Misbehaviours } from './misbehaviour.ts';
import { Player } from './player.ts';
import { isFinal, type Vmi } from './vmi.ts';

export const nodeName = 'played-node';

type Container = {
  readonly name: string;
  readonly image: string;
  readonly readinessProbe?: object;
  readonly restartPolicy?: string;
};

export type Pod = KubeObject & {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly readinessGates?: readonly { readonly conditionType: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly startTime?: string;
    readonly conditions?: readonly Condition[];
  };
};

const api = '/api/v1';
const hostAddress = '10.0.0.1';

export class PlayedNode {
  readonly pods: Store<Pod>;
  readonly #client: Client;
  readonly #vmis: Store<Vmi>;
  readonly #misbehaviours: Misbehaviours;
  /** By the Pod's UID. */
  readonly #addresses = new Map<string, string>();
  #lastAddress = 0;

  constructor(client: Client, vmis: Store<Vmi>, misbehaviours: Misbehaviours) {
    this.#client = client;
    this.#vmis = vmis;
    this.#misbehaviours = misbehaviours;
    this.pods = new Store<Pod>(client, `${api}/pods`, 'labelSelector=kubevirt.io+in+(virt-launcher,hotplug-disk)');
  }

  async play(signal: AbortSignal, report: (line: string) => void): Promise<void> {
    const player = new Player(key => this.#playPod(key), signal, report);
    const look = (concerns: (pod: Pod) => boolean) => {
      for (const pod of this.pods.all()) if (concerns(pod)) player.enqueue(keyOf(pod));
    };
    this.pods.onChange(player.enqueue);
    this.#vmis.onChange(key => look(pod => vmiOf(pod) === key));
    this.#misbehaviours.onChange(() => look(() => true));
    await this.pods.follow(signal);
  }

  async #playPod(key: Key): Promise<void> {
    const pod = this.pods.get(key);
    if (pod === undefined) return;
    const { namespace = '', name } = pod.metadata;
    const path = `${api}/namespaces/${namespace}/pods/${name}`;
    const misbehaves = this.#misbehaviours.of(vmiOf(pod));
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (!misbehaves('DeletionStuck')) await this.#client.delete(path, 0);
      return;
    }
    if (pod.spec.nodeName === undefined) {
      const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
      await this.#client.create(`${path}/binding`, { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target });
      return;
    }
    if (misbehaves('NeverReady')) return;
    const vmi = this.#vmis.get(vmiOf(pod));
    const status = vmi !== undefined && isFinal(vmi) ? ended(pod) : this.#running(pod, vmi);
    if (!reports(pod, status)) await this.#client.patch('strategic', `${path}/status`, { status });
  }

  #running(pod: Pod, vmi: Vmi | undefined): PodReport {
    const now = timestamp();
    const probed = pod.spec.containers.some(
      ({ name, readinessProbe }) => name === 'compute' && readinessProbe !== undefined,
    );
    const computeReady = !probed || isTrue(vmi?.status?.conditions, 'AgentConnected');
    const gatesOpen = (pod.spec.readinessGates ?? []).every(gate => isTrue(pod.status?.conditions, gate.conditionType));
    const podIP = this.#addressOf(pod);
    return {
      phase: 'Running',
      startTime: pod.status?.startTime ?? now,
      hostIP: hostAddress,
      podIP,
      podIPs: [{ ip: podIP }],
      conditions: conditions(
        pod,
        { Initialized: true, ContainersReady: computeReady, Ready: computeReady && gatesOpen },
        now,
      ),
      initContainerStatuses: (pod.spec.initContainers ?? []).map(container =>
        // An init container that is restarted always is a sidecar.
        container.restartPolicy === 'Always' ? running(container, true, now) : terminated(container, now),
      ),
      containerStatuses: pod.spec.containers.map(container =>
        running(container, container.name !== 'compute' || computeReady, now),
      ),
    };
  }

  /** The Pod's address: the one it has, also when the watch has not brought it back yet, or a free one. */
  #addressOf({ metadata: { uid = '' }, status }: Pod): string {
    const known = status?.podIP ?? this.#addresses.get(uid);
    const address = known ?? this.#freeAddress();
    this.#addresses.set(uid, address);
    return address;
  }

  #freeAddress(): string {
    const taken = new Set([...this.pods.all()].map(pod => pod.status?.podIP));
    for (;;) {
      this.#lastAddress += 1;
      const address = `10.244.${(this.#lastAddress >> 8) & 255}.${this.#lastAddress & 255}`;
      if (!taken.has(address)) return address;
    }
  }
}

type PodReport = {
  readonly phase: string;
  readonly conditions: readonly Condition[];
  readonly [field: string]: unknown;
};

/** Key of the VirtualMachineInstance a launcher Pod runs; it has the name of its VirtualMachine. */
function vmiOf({ metadata }: { readonly metadata: Metadata }): Key {
  return `${metadata.namespace}/${metadata.annotations?.['kubevirt.io/domain']}`;
}

function ended(pod: Pod): PodReport {
  const now = timestamp();
  return {
    phase: 'Succeeded',
    conditions: conditions(pod, { ContainersReady: false, Ready: false }, now),
    containerStatuses: pod.spec.containers.map(container => terminated(container, now)),
  };
}

function conditions(pod: Pod, wanted: Readonly<Record<string, boolean>>, now: string): Condition[] {
  return Object.entries(wanted).map(([type, holds]) => {
    const status = holds ? 'True' : 'False';
    const known = pod.status?.conditions?.find(each => each.type === type);
    return { type, status, lastTransitionTime: known?.status === status ? (known.lastTransitionTime ?? now) : now };
  });
}

/** Whether the Pod says so already: a report that changes nothing is not written again. */
function reports(pod: Pod, report: PodReport): boolean {
  const same = (wanted: Condition) =>
    pod.status?.conditions?.some(each => each.type === wanted.type && each.status === wanted.status) ?? false;
  return pod.status?.phase === report.phase && report.conditions.every(same);
}

function identity({ name, image }: Container) {
  return { name, image, imageID: '', restartCount: 0, containerID: `played://${name}` };
}

function running(container: Container, ready: boolean, now: string) {
  return { ...identity(container), ready, started: true, state: { running: { startedAt: now } } };
}

function terminated(container: Container, now: string) {
  const state = { terminated: { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now } };
  return { ...identity(container), ready: false, started: false, state };
}
