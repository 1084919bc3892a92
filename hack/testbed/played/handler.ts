/**
 * PLAYED, not real: virt-handler and the guest behind every VirtualMachineInstance.
 *
 * Real: the VirtualMachineInstance, made and scheduled by virt-controller. Played, from the phase Scheduled on: the guest boots at
 * once, its agent connects and reports, it stops when told to, and more CPU or memory is there as soon as virt-controller asks for it
 * (in reality by a live migration). Nothing answers the subresources that dial virt-handler: guestosinfo, freeze, softreboot, console.
 */

import type { Client } from '../client/client.ts';
import { type Condition, withCondition } from '../client/conditions.ts';
import { type Key, keyOf, type Store } from '../client/store.ts';
import { timestamp } from '../client/timestamp.ts';
import type { Misbehaviours } from './misbehaviour.ts';
import type { Pod } from './node.ts';
import { Player } from './player.ts';
import { type Interface, isFinal, type Vmi } from './vmi.ts';

export const vmiCollection = '/apis/kubevirt.io/v1/virtualmachineinstances';

type Status = NonNullable<Vmi['status']>;

export class PlayedHandler {
  readonly #client: Client;
  readonly #vmis: Store<Vmi>;
  readonly #pods: Store<Pod>;
  readonly #misbehaviours: Misbehaviours;

  constructor(client: Client, vmis: Store<Vmi>, pods: Store<Pod>, misbehaviours: Misbehaviours) {
    this.#client = client;
    this.#vmis = vmis;
    this.#pods = pods;
    this.#misbehaviours = misbehaviours;
  }

  async play(signal: AbortSignal, report: (line: string) => void): Promise<void> {
    const player = new Player(key => this.#playVmi(key), signal, report);
    this.#vmis.onChange(player.enqueue);
    this.#misbehaviours.onChange(() => {
      for (const vmi of this.#vmis.all()) player.enqueue(keyOf(vmi));
    });
    await this.#vmis.follow(signal);
  }

  async #playVmi(key: Key): Promise<void> {
    const vmi = this.#vmis.get(key);
    const phase = vmi?.status?.phase;
    // Before Scheduled the instance is virt-controller's, and after its end nobody's.
    if (vmi === undefined || isFinal(vmi) || (phase !== 'Scheduled' && phase !== 'Running')) return;
    const status = this.#next(vmi);
    if (status === undefined || sameStatus(vmi.status ?? {}, status)) return;
    const { namespace, name, resourceVersion } = vmi.metadata;
    const path = `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${name}`;
    // The kind has no status subresource. virt-controller writes too, so only onto what was read; and it tests for what it read, so
    // that even a null must stay, which a merge patch would drop.
    const fields = Object.entries(status).map(([field, value]) => ({ op: 'add', path: `/status/${field}`, value }));
    await this.#client.patch('json', path, [
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
      ...fields,
    ]);
  }

  /** The status virt-handler would write, or undefined when it would not. */
  #next(vmi: Vmi): Status | undefined {
    const now = timestamp();
    const misbehaves = this.#misbehaviours.of(keyOf(vmi));
    if (vmi.metadata.deletionTimestamp !== undefined) {
      return misbehaves('DeletionStuck') ? undefined : inPhase(vmi, 'Succeeded', now);
    }
    if (misbehaves('VMICrashLoop')) return inPhase(vmi, 'Failed', now);
    return {
      ...inPhase(vmi, 'Running', now),
      // Without it virt-controller attaches no disk (matchSELinuxLevelOfVMI).
      selinuxContext: 'none',
      ...resized(vmi),
      ...plugged(vmi),
      ...(misbehaves('AgentLost') ? agentLost(vmi) : agentConnected(vmi, this.#addressOf(vmi), now)),
    };
  }

  #addressOf({ metadata }: Vmi): string | undefined {
    for (const pod of this.#pods.all()) {
      if (pod.metadata.ownerReferences?.some(owner => owner.uid === metadata.uid)) return pod.status?.podIP;
    }
    return undefined;
  }
}

function inPhase(vmi: Vmi, phase: string, now: string): Status {
  const transitions = vmi.status?.phaseTransitionTimestamps ?? [];
  if (vmi.status?.phase === phase) return { phase };
  return { phase, phaseTransitionTimestamps: [...transitions, { phase, phaseTransitionTimestamp: now }] };
}

const holds = (type: string): Condition => ({ type, status: 'True', lastProbeTime: null });
const movable = ['LiveMigratable', 'StorageLiveMigratable'];

/** Conditions with those of a running guest; a hot-plug that virt-controller announced is done. */
function runningConditions(vmi: Vmi, now: string): Condition[] {
  const kept = (vmi.status?.conditions ?? []).filter(
    each => each.type !== 'HotVCPUChange' && each.type !== 'HotMemoryChange',
  );
  return movable.reduce<Condition[]>((all, type) => withCondition(all, holds(type), now), kept);
}

function agentConnected(vmi: Vmi, address: string | undefined, now: string): Status {
  return {
    conditions: withCondition(runningConditions(vmi, now), holds('AgentConnected'), now),
    guestOSInfo: guestOf(vmi),
    interfaces: interfacesOf(vmi, address),
  };
}

function agentLost(vmi: Vmi): Status {
  const now = timestamp();
  return { conditions: runningConditions(vmi, now).filter(each => each.type !== 'AgentConnected') };
}

function interfacesOf(vmi: Vmi, address: string | undefined): Interface[] {
  return (vmi.spec.domain.devices.interfaces ?? []).map(({ name, macAddress, state }, index) => {
    const known = vmi.status?.interfaces?.find(each => each.name === name);
    const own = index === 0 ? address : `192.168.${index}.10`;
    return {
      ...known,
      name,
      mac: macAddress ?? known?.mac ?? macOf(vmi, index),
      interfaceName: `eth${index}`,
      linkState: state === 'down' ? 'down' : 'up',
      queueCount: 1,
      infoSource: 'domain, guest-agent',
      ...(own === undefined ? {} : { ipAddress: own, ipAddresses: [own] }),
    };
  });
}

function macOf({ metadata }: Vmi, index: number): string {
  const digits = (metadata.uid ?? '').replaceAll('-', '').slice(0, 8);
  const pairs = digits.match(/../g) ?? [];
  return ['02', ...pairs, index.toString(16).padStart(2, '0')].join(':');
}

const windows = (year: string) => ({
  id: 'mswindows',
  name: 'Microsoft Windows',
  prettyName: `Windows Server ${year} Standard`,
  version: `Microsoft Windows Server ${year}`,
  versionId: year,
  kernelRelease: '26100',
  kernelVersion: '10.0',
  machine: 'x86_64',
});

const debian = {
  id: 'debian',
  name: 'Debian GNU/Linux',
  prettyName: 'Debian GNU/Linux 13 (trixie)',
  version: '13 (trixie)',
  versionId: '13',
  kernelRelease: '6.12.48+deb13-cloud-amd64',
  kernelVersion: '#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1',
  machine: 'x86_64',
};

/**
 * The guest's word on itself: Debian where the preference says so or there is none, Windows of the year that it names. A preference serves
 * several systems else (rhel.9 AlmaLinux too), and who plays does not know what is on the disk.
 */
function guestOf({ metadata }: Vmi): object {
  const preference =
    metadata.annotations?.['kubevirt.io/cluster-preference-name'] ??
    metadata.annotations?.['kubevirt.io/preference-name'] ??
    'debian';
  const [system, edition] = preference.split('.');
  if (system === 'windows') return windows(edition?.replace('2k', '20') ?? '2025');
  const { kernelRelease, kernelVersion, machine } = debian;
  return system === 'debian' ? debian : { name: 'Linux', kernelRelease, kernelVersion, machine };
}

/** CPU and memory as the guest has them after a hot-plug that virt-controller announced. */
function resized(vmi: Vmi): object {
  const announced = (type: string) =>
    vmi.status?.conditions?.some(each => each.type === type && each.status === 'True');
  const { cpu, memory } = vmi.spec.domain;
  const topology = { cores: cpu?.cores ?? 1, sockets: cpu?.sockets ?? 1, threads: cpu?.threads ?? 1 };
  const guest = memory?.guest;
  return {
    ...(announced('HotVCPUChange') ? { currentCPUTopology: topology } : {}),
    ...(announced('HotMemoryChange') && guest
      ? { memory: { ...vmi.status?.memory, guestCurrent: guest, guestRequested: guest } }
      : {}),
  };
}

/** Disks that virt-controller has attached to the node are in the guest, and those that it is to let go of are out of it. */
function plugged({ spec, status }: Vmi): Status {
  if (status?.volumeStatus === undefined) return {};
  const wanted = new Set(spec.volumes?.map(({ name }) => name));
  const volumeStatus = status.volumeStatus.map(told => {
    if (told.hotplugVolume === undefined) return told;
    if (!wanted.has(told.name)) return { ...told, phase: 'UnMountedFromPod' };
    const isAttached = told.phase === 'AttachedToNode' || told.phase === 'MountedToPod';
    return isAttached ? { ...told, phase: 'Ready', target: `sd-${told.name}` } : told;
  });
  return { volumeStatus };
}

/** Whether a merge of `wanted` into `present` would change nothing. */
function sameStatus(present: Status, wanted: Status): boolean {
  return Object.entries(wanted).every(([field, value]) => {
    const known = present[field as keyof Status];
    return canonical(known) === canonical(value);
  });
}

/** JSON with sorted keys, and lists of named things in the order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (Array.isArray(each)) return each.map(item => canonical(item)).sort();
    if (each === null || typeof each !== 'object') return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
