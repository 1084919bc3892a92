import { isProven, type JudgedBackup } from '../contract/judgedbackup.ts';
import { type JudgingFacts, judging } from './judging.ts';
import { defectOf, startOf } from './recoverypoint.ts';

/** By what was read of their contents before, and remembered: whoever restores looks into none himself. */
export function restorePoints(facts: Omit<JudgingFacts, 'machine' | 'contents'>): readonly JudgedBackup[] {
  const nothing = { machine: { holds: new Map(), virtualMachineInstance: undefined }, contents: () => undefined };
  const { own, circumstances } = judging({ ...facts, ...nothing });
  const verified = facts.managedVM.status?.backup?.verified ?? [];
  return own.flatMap(backup => {
    const { name, uid = '' } = backup.metadata;
    const time = startOf(backup);
    if (time === undefined) return [];
    const defect = defectOf(backup, circumstances)?.says;
    const isInspected = circumstances.isInspected(backup);
    return [{ name, uid, time, defect, isInspected, isVerified: isProven(verified, { name, time }) }];
  });
}
