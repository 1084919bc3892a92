import { type JudgingFacts, judging } from './judging.ts';
import { defectOf, startOf } from './recoverypoint.ts';

/** A backup that a Schedule of ours has made of the VM, as far as it matters for a restore. */
export type RestorePoint = {
  readonly name: string;
  readonly uid: string;
  readonly time: Date;
  /** Why nothing can be restored from it, as the end of a sentence that begins with it; undefined: nothing is known against it. */
  readonly defect: string | undefined;
  /** Whether somebody has looked into it: each disk is there. */
  readonly isInspected: boolean;
  /** Whether a restore from it has worked. */
  readonly isVerified: boolean;
};

/** By what was read of their contents before, and remembered: whoever restores looks into none himself. */
export function restorePoints(facts: Omit<JudgingFacts, 'machine' | 'contents'>): readonly RestorePoint[] {
  const nothing = { machine: { holds: new Map(), virtualMachineInstance: undefined }, contents: () => undefined };
  const { own, circumstances } = judging({ ...facts, ...nothing });
  const verified = facts.managedVM.status?.backup?.verified ?? [];
  return own.flatMap(backup => {
    const { name, uid = '' } = backup.metadata;
    const time = startOf(backup);
    if (time === undefined) return [];
    const defect = defectOf(backup, circumstances)?.says;
    const isInspected = circumstances.isInspected(backup);
    // Another backup can have the name, but not the start too.
    const isVerified = verified.some(({ point, pointTime }) => point === name && +new Date(pointTime) === +time);
    return [{ name, uid, time, defect, isInspected, isVerified }];
  });
}
