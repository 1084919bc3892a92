/** The steps of a plan by which an application is changed to another version line (GE-11). */
import type { UpgradePath } from '../../api/lineupgrade.ts';
import type { PlanStep } from '../contract/applicationplan.ts';

/** What a plan has of a change of the line: looks for what stands against it, carries it out, or removes the old instance (GE-13). */
export type LineAct = {
  readonly act: 'Check' | 'Change' | 'Retire';
  readonly path: UpgradePath;
  /** UID of the ChangeRequest. */
  readonly change: string;
};

export type LineSteps = LineAct & {
  /** Packages of a line. */
  readonly packagesOf: (line: string) => readonly string[];
  /** Ports that are closed meanwhile; empty: nothing is reached from outside. */
  readonly ports: readonly number[];
};

/** The steps as they are with it: after the packages of the line, which are the first, before anything else of it, and once all is as planned. */
export function withLineSteps(steps: readonly PlanStep[], part: LineSteps | undefined): readonly PlanStep[] {
  if (part === undefined) return steps;
  const { engine, from, to, freeSpacePercent, withinSeconds } = part.path;
  const words = { engine, change: part.change, from, to, freeSpacePercent };
  const ports = [...part.ports];
  const packages = [...part.packagesOf(part.act === 'Retire' ? from : to)];
  if (part.act === 'Check') return [...steps, { type: 'lineCheck', name: 'line-check', ...words, packages }];
  if (part.act === 'Retire') return [...steps, { type: 'lineRetire', name: 'line-retire', ...words, packages }];
  const installed = steps.findIndex(({ type }) => type === 'package');
  return [
    ...steps.slice(0, installed + 1),
    { type: 'lineChange', name: 'line-change', ...words, packages, ports },
    ...steps.slice(installed + 1),
    { type: 'lineOpen', name: 'line-open', ...words, packages, ports, withinSeconds },
  ];
}
