import type { ManagedVM } from '../../api/managedvm.ts';
import type { ConditionInput } from './condition.ts';
import { saying } from './excerpt.ts';
import { type Finding, failed } from './finding.ts';
import type { Reason } from './reasons.ts';

/** A kind of which the API server refuses to say what there is: neither missing nor empty (design 4). */
export type Unreadable = {
  readonly kind: string;
  /** Empty for a cluster-scoped kind. */
  readonly namespace: string;
  /** In the words of the API server. */
  readonly why: string;
};

/** Without these nothing can be said of a machine, and nothing may be done to it: what looks as if it were gone may be there. */
const MACHINE = [
  'OperatingSystem',
  'Secret',
  'VirtualMachine',
  'VirtualMachineInstance',
  'DataVolume',
  'PersistentVolumeClaim',
];
const BACKUP = ['BackupPolicy', 'Schedule', 'Backup', 'BackupStorageLocation'];

/** What the conditions about promises rest on. */
const RESTS_ON: ReadonlyMap<string, readonly string[]> = new Map([
  ['Supported', ['OperatingSystem']],
  ['Provisioned', MACHINE],
  ['Available', MACHINE],
  ['AgentConnected', MACHINE],
  ['RestartPending', MACHINE],
  ['Monitored', [...MACHINE, 'Service', 'ServiceMonitor', 'PrometheusRule']],
  ['BackupCompliant', [...MACHINE, ...BACKUP]],
]);

/** Decided by the order alone. */
const ORDERED: ReadonlySet<string> = new Set<Reason>(['NotIncluded', 'PoweredOff']);

/** Why nothing can be done to the machine, if its parts cannot be read. */
export function machineUnreadable(unreadable: readonly Unreadable[]): Finding | undefined {
  const [first] = unreadable.filter(({ kind }) => MACHINE.includes(kind));
  return first && failed('KindNotReadable', sentence(first));
}

/** The condition, or Unknown where it rests on what cannot be read: a copy from before proves nothing. */
export function asFarAsReadable(condition: ConditionInput, unreadable: readonly Unreadable[]): ConditionInput {
  const needs = RESTS_ON.get(condition.type) ?? [];
  const lacking = unreadable.find(({ kind }) => needs.includes(kind));
  if (lacking === undefined || ORDERED.has(condition.reason)) return condition;
  return { type: condition.type, status: 'Unknown', reason: 'KindNotReadable', message: sentence(lacking) };
}

/** What was known of a machine stays in its status while it cannot be read, all but what it is doing. */
export function lastKnown({ metadata, status }: ManagedVM): Omit<NonNullable<ManagedVM['status']>, 'conditions'> {
  const { conditions: _, ...known } = status ?? {};
  return {
    ...known,
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    state: 'Unknown',
  };
}

export function sentence({ kind, namespace, why }: Unreadable): string {
  const where = namespace === '' ? '' : ` in namespace ${namespace}`;
  return `What there is of the kind ${kind}${where} cannot be read${saying(why)}`;
}
