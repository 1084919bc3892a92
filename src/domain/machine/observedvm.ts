import { cut } from '../contract/excerpt.ts';
import {
  at,
  type Fields,
  fields,
  isFields,
  listAt,
  numberAt,
  textAt,
  textMapAt,
  textsAt,
  timeAt,
} from '../contract/json.ts';

/** A condition of an object that another system writes. */
export type ForeignCondition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly since: Date | undefined;
};

/** A KubeVirt VirtualMachine, as far as an assessment looks at it (kubevirt.io/api core/v1 types.go). */
export type VirtualMachine = {
  readonly name: string;
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly deletedAt: Date | undefined;
  /** spec.template.spec */
  readonly template: Fields;
  /** spec.template.metadata: instances get it when they start, and not later. */
  readonly templateAnnotations: Readonly<Record<string, string>>;
  readonly templateLabels: Readonly<Record<string, string>>;
  readonly instancetype: string | undefined;
  readonly instancetypeKind: string | undefined;
  /** Kind and name of whoever controls it, if somebody does. */
  readonly controller: string | undefined;
  readonly preference: string | undefined;
  /** KubeVirt's summary; the CRD defaults it to Stopped before anyone has looked. */
  readonly printableStatus: string | undefined;
  readonly conditions: readonly ForeignCondition[];
  /** Generation that virt-controller has compared with the running guest; set only while there is one. */
  readonly desiredGeneration: number | undefined;
  /** Generation that the running guest was started with. */
  readonly startedGeneration: number | undefined;
  /** A start, stop or restart is asked for and not done yet. */
  readonly changingState: boolean;
  /** Name of the snapshot or restore that runs now: run state and volumes cannot change meanwhile. */
  readonly snapshotInProgress: string | undefined;
  readonly restoreInProgress: string | undefined;
};

/** A KubeVirt VirtualMachineInstance, as far as an assessment looks at it. */
export type VirtualMachineInstance = {
  readonly uid: string | undefined;
  readonly deletedAt: Date | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Fields;
  /** Networks that it has an interface of, as KubeVirt tells; undefined: it tells of none. */
  readonly interfaces: readonly string[] | undefined;
  readonly phase: string | undefined;
  readonly conditions: readonly ForeignCondition[];
  readonly node: string | undefined;
  readonly addresses: readonly string[];
  /** The system as the guest agent reports it: hostile text, in one line and bounded. */
  readonly guest: GuestSystem;
  /** When the guest was started. */
  readonly startedAt: Date | undefined;
  /** Why the last live migration failed, if it did. */
  readonly migrationFailure: string | undefined;
  /** How far each of its volumes is, in KubeVirt's words (core/v1 types.go, VolumeStatus). */
  readonly volumes: readonly VolumeStatus[];
  /** Its file systems are held still for a backup or a snapshot, as its agent says. */
  readonly frozen: boolean;
};

export type VolumeStatus = {
  readonly name: string;
  readonly phase: string | undefined;
  readonly message: string | undefined;
};

export type GuestSystem = {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly kernelRelease: string | undefined;
  /** ID of os-release(5); `mswindows` for Windows. */
  readonly id: string | undefined;
  /** VERSION_ID of os-release(5). */
  readonly versionId: string | undefined;
};

export function readVirtualMachine(object: unknown): VirtualMachine | undefined {
  if (!isFields(object)) return undefined;
  const name = textAt(object, 'metadata', 'name');
  if (name === undefined) return undefined;
  const { spec, status } = object;
  return {
    name,
    uid: textAt(object, 'metadata', 'uid'),
    generation: numberAt(object, 'metadata', 'generation'),
    deletedAt: timeAt(object, 'metadata', 'deletionTimestamp'),
    template: fields(at(spec, 'template', 'spec')),
    templateAnnotations: textMapAt(spec, 'template', 'metadata', 'annotations'),
    templateLabels: textMapAt(spec, 'template', 'metadata', 'labels'),
    instancetype: textAt(spec, 'instancetype', 'name'),
    instancetypeKind: textAt(spec, 'instancetype', 'kind'),
    controller: controllerOf(object),
    preference: textAt(spec, 'preference', 'name'),
    printableStatus: textAt(status, 'printableStatus'),
    conditions: readConditions(status),
    desiredGeneration: numberAt(status, 'desiredGeneration'),
    startedGeneration: numberAt(status, 'observedGeneration'),
    changingState: listAt(status, 'stateChangeRequests').length > 0,
    snapshotInProgress: textAt(status, 'snapshotInProgress'),
    restoreInProgress: textAt(status, 'restoreInProgress'),
  };
}

function controllerOf(object: unknown): string | undefined {
  const owner = listAt(object, 'metadata', 'ownerReferences').find(each => at(each, 'controller') === true);
  return owner === undefined ? undefined : `${textAt(owner, 'kind') ?? ''} ${textAt(owner, 'name') ?? ''}`;
}

export function readVirtualMachineInstance(object: unknown): VirtualMachineInstance | undefined {
  if (!isFields(object)) return undefined;
  const { spec, status } = object;
  return {
    uid: textAt(object, 'metadata', 'uid'),
    deletedAt: timeAt(object, 'metadata', 'deletionTimestamp'),
    annotations: textMapAt(object, 'metadata', 'annotations'),
    labels: textMapAt(object, 'metadata', 'labels'),
    spec: fields(spec),
    interfaces: readInterfaces(status),
    phase: textAt(status, 'phase'),
    conditions: readConditions(status),
    node: textAt(status, 'nodeName'),
    addresses: readAddresses(spec, status),
    guest: readGuest(at(status, 'guestOSInfo')),
    startedAt: runningSince(status) ?? timeAt(object, 'metadata', 'creationTimestamp'),
    migrationFailure:
      at(status, 'migrationState', 'failed') === true
        ? (textAt(status, 'migrationState', 'failureReason') ?? 'no reason given')
        : undefined,
    volumes: listAt(status, 'volumeStatus').flatMap(readVolume),
    frozen: textAt(status, 'fsFreezeStatus') === 'frozen',
  };
}

function readVolume(told: unknown): VolumeStatus | [] {
  const name = textAt(told, 'name');
  return name === undefined ? [] : { name, phase: textAt(told, 'phase'), message: textAt(told, 'message') };
}

function readInterfaces(status: unknown): readonly string[] | undefined {
  const names = listAt(status, 'interfaces').flatMap(each => textAt(each, 'name') ?? []);
  return names.length === 0 ? undefined : names;
}

/** Conditions of any Kubernetes object; what is no condition is left out. */
export function readConditions(status: unknown): readonly ForeignCondition[] {
  return listAt(status, 'conditions').flatMap(condition => {
    const type = textAt(condition, 'type');
    if (type === undefined) return [];
    return {
      type,
      status: textAt(condition, 'status') ?? 'Unknown',
      reason: textAt(condition, 'reason') ?? '',
      message: textAt(condition, 'message') ?? '',
      since: timeAt(condition, 'lastTransitionTime'),
    };
  });
}

export function conditionOf(
  object: { readonly conditions: readonly ForeignCondition[] } | undefined,
  type: string,
): ForeignCondition | undefined {
  return object?.conditions.find(condition => condition.type === type);
}

/** Whether a condition is there and True. */
export function holds(object: { readonly conditions: readonly ForeignCondition[] } | undefined, type: string): boolean {
  return conditionOf(object, type)?.status === 'True';
}

function readGuest(info: unknown): GuestSystem {
  const word = (field: string): string | undefined => cut(textAt(info, field) ?? '', 253).trim() || undefined;
  return {
    name: word('prettyName') ?? word('name'),
    version: word('versionId') ?? word('version'),
    kernelRelease: word('kernelRelease'),
    id: word('id'),
    versionId: word('versionId'),
  };
}

/**
 * Addresses under which others reach the guest, in the order of its networks. The guest agent also tells of interfaces that the guest made
 * for itself (docker0, cali…, bridges): KubeVirt gives those no name of a network.
 */
function readAddresses(spec: unknown, status: unknown): readonly string[] {
  const interfaces = listAt(status, 'interfaces');
  const networks = listAt(spec, 'networks').flatMap(network => textAt(network, 'name') ?? []);
  const ordered = networks.flatMap(name => interfaces.filter(item => textAt(item, 'name') === name));
  const all = ordered.flatMap(item => {
    const several = textsAt(item, 'ipAddresses');
    const single = textAt(item, 'ipAddress');
    return several.length > 0 || single === undefined ? several : [single];
  });
  return [...new Set(all)].filter(
    address => /^[0-9A-Fa-f.:]{2,45}$/.test(address) && !/^(fe80:|127\.|::1$)/i.test(address),
  );
}

function runningSince(status: unknown): Date | undefined {
  const running = listAt(status, 'phaseTransitionTimestamps').filter(item => textAt(item, 'phase') === 'Running');
  return timeAt(running.at(-1), 'phaseTransitionTimestamp');
}
