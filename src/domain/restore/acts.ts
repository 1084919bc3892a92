import type { RestoredDisk, RestoreStatus, RestoreStep } from '../../api/restore.ts';
import type { Child } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import type { Fields } from '../contract/json.ts';

/** What is done next: one thing in each pass, so that whoever goes on finds out by looking what was done. */
export type RestoreAct =
  | { readonly act: 'nothing' }
  | { readonly act: 'write'; readonly status: RestoreStatus }
  /** Writes the order's own uid on it, by which a copy is known. */
  | { readonly act: 'seal' }
  /** Makes the change by which it is agreed to, once, and notes it. */
  | { readonly act: 'change' }
  /** Asks the engine, once, and notes what was asked. */
  | { readonly act: 'request'; readonly object: Child }
  /** Changes a volume in the version that was read. */
  | { readonly act: 'changeVolume'; readonly volume: Fields; readonly change: Readonly<Record<string, unknown>> }
  /** Deletes exactly this claim in the staging namespace, whose volume stays. */
  | { readonly act: 'release'; readonly claim: Fields }
  /** Makes the claim beside the old one, once, and notes it for this disk. */
  | { readonly act: 'makeClaim'; readonly disk: string; readonly object: Child }
  /** Makes the machine of a drill, once, and notes it. */
  | { readonly act: 'makeMachine'; readonly object: Child };

export const NOTHING: RestoreAct = { act: 'nothing' };

type Write = Extract<RestoreAct, { readonly act: 'write' }>;

export function write(status: RestoreStatus): Write {
  return { act: 'write', status };
}

/** A write where it says something else than before. */
export function tell(status: RestoreStatus, message: string): RestoreAct {
  return status.message === cut(message, 1000) ? NOTHING : write({ ...status, message: cut(message, 1000) });
}

/** The next phase, with what was reached. */
export function advance(
  status: RestoreStatus,
  phase: RestoreStatus['phase'],
  reached: RestoreStep,
  message: string,
  now: Date,
): RestoreStatus {
  const steps = [...(status.steps ?? []), { name: reached, at: instant(now) }];
  return { ...status, phase, steps, message: cut(message, 1000) };
}

export function end(
  status: RestoreStatus,
  phase: 'Succeeded' | 'Unproven' | 'Failed',
  message: string,
  now: Date,
): Write {
  return write(advance(status, phase, 'ended', message, now));
}

/** It proves nothing, for or against the backup: what it would have tested could not be tested. */
export function untested(status: RestoreStatus, why: string, now: Date): Write {
  return end(status, 'Unproven', `The drill could not test whether the backup can be restored. ${why}`, now);
}

/** It comes to nothing, and the VM's disks are what they were. Claims beside may hold what is nowhere else by then: nobody but a person removes them. */
export function fail(status: RestoreStatus, why: string, now: Date): Write {
  const beside = (status.disks ?? []).flatMap(({ disk, after }) =>
    after ? [`${disk}: PersistentVolumeClaim ${after.claim}`] : [],
  );
  const left = ` Restored beside them, and used by nobody: ${beside.join(', ')}. They stay until somebody deletes them; spec.disks[].adopt takes one.`;
  return end(status, 'Failed', `${why} The disks of the VM are what they were.${beside.length > 0 ? left : ''}`, now);
}

export function since({ steps = [] }: RestoreStatus, step: RestoreStep): Date | undefined {
  const found = steps.findLast(({ name }) => name === step);
  return found && new Date(found.at);
}

export function withDisk(status: RestoreStatus, disk: string, more: Partial<RestoredDisk>): RestoreStatus {
  return {
    ...status,
    disks: (status.disks ?? []).map(each => (each.disk === disk ? { ...each, ...more } : each)),
  };
}
