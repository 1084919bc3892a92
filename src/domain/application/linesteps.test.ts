import { expect, it } from 'vitest';
import type { PlanStep } from '../contract/applicationplan.ts';
import { type LineAct, withLineSteps } from './linesteps.ts';

const packages = (name: string, ...names: string[]): PlanStep => ({ type: 'package', name, packages: names });
const unit = (name: string): PlanStep => ({ type: 'unit', name, unit: `${name}.service` });
/** As PostgreSQL's entry has them: an exporter's packages come long after those of the line. */
const steps = [packages('server', 'postgresql-17'), unit('server'), packages('exporter', 'exporter'), unit('exporter')];
const path = {
  ...({
    from: '15',
    to: '17',
    engine: 'PostgreSQL',
    freeSpacePercent: 150,
    withinSeconds: 60,
    expectedMinutes: 5,
  } as const),
};
const part = (act: LineAct['act'], ...ports: number[]) => ({
  ...{ act, path, change: 'c1', ports, packagesOf: (line: string) => [`postgresql-${line}`] },
});

it('GE-11: without a change of the line the steps are as they were', () => {
  expect(withLineSteps(steps, undefined)).toBe(steps);
});

it('GE-11: the data are brought over after the packages of the line and before all else of it; clients come in last', () => {
  const changed = withLineSteps(steps, part('Change', 5432));
  expect(changed.map(({ name }) => name)).toEqual([
    ...['server', 'line-change', 'server', 'exporter', 'exporter', 'line-open'],
  ]);
  expect(changed[1]).toMatchObject({ packages: ['postgresql-17'], ports: [5432], freeSpacePercent: 150 });
  expect(changed.at(-1)).toMatchObject({ ports: [5432], withinSeconds: 60 });
});

it('GE-11: what stands against it is looked for, and the old instance removed, when all else is as planned', () => {
  expect(withLineSteps(steps, part('Check')).at(-1)).toMatchObject({ type: 'lineCheck', packages: ['postgresql-17'] });
  expect(withLineSteps(steps, part('Retire')).at(-1)).toMatchObject({
    type: 'lineRetire',
    packages: ['postgresql-15'],
  });
});
