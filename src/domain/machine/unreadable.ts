import type { ManagedVM } from '../../api/managedvm.ts';
import { failed } from '../contract/finding.ts';
import { sentence, type Unreadable } from '../contract/unreadable.ts';
import { type Finding, MACHINE_KINDS } from './reasons.ts';

const KINDS: ReadonlySet<string> = new Set(MACHINE_KINDS);

/** Why nothing can be done to the machine, if its parts cannot be read. */
export function machineUnreadable(unreadable: readonly Unreadable[]): Finding | undefined {
  const [first] = unreadable.filter(({ kind }) => KINDS.has(kind));
  return first && failed('KindNotReadable', sentence(first));
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
