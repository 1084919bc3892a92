import type { ApplicationLevel } from '../../src/api/applicationlevel.ts';
import type { ProductSpec } from '../../src/api/product.ts';
import { exporterAt, objectiveAt } from '../../src/domain/application/performance.ts';
import { table } from './markdown.ts';

type Row = readonly [what: string, at: (level: ApplicationLevel) => string];

/** The matrix of a product's levels, with what this entry has for it (AP-1 to AP-6). */
export function includedSection(spec: ProductSpec): string {
  const rows = rowsOf(spec).map(([what, at]) => [what, ...spec.levels.map(at)]);
  return `## What you get
${table(['', ...spec.levels], rows)}`;
}

function rowsOf(spec: ProductSpec): readonly Row[] {
  return [
    ['Installed, set up and reached as on this page (AP-1)', () => 'yes'],
    ['Updates of application and modules, in your windows (AP-2)', () => 'yes'],
    ['Remediation in core hours (AP-3)', level => (level === 'Basic' ? 'no' : laddered(spec))],
    ['Remediation at any hour (AP-4)', level => (level === 'Expert' ? laddered(spec) : 'no')],
    ['Performance monitoring (AP-5)', level => performance(spec, level)],
    ['Managed backup (AP-6)', () => backedUp(spec)],
    ['Works, of each month', level => promised(objectiveAt(spec, level).availability)],
    ['Answers in time', level => answers(spec, level)],
  ];
}

/** Docs: docs/remediation.md. */
const laddered = ({ remediation }: ProductSpec): string =>
  remediation === undefined ? 'by people' : 'by the ladder below, then by people';

function performance(spec: ProductSpec, level: ApplicationLevel): string {
  if (level === 'Basic') return 'no';
  const metrics = exporterAt(spec, level)?.metrics.length ?? 0;
  const indicators = spec.monitoring?.indicators?.length ?? 0;
  return metrics === 0
    ? 'response times of its probes'
    : `response times, ${metrics} metrics, ${indicators} indicators`;
}

const backedUp = ({ backup }: ProductSpec): string =>
  backup === undefined
    ? 'the disks of the VM'
    : `dumped ${every(backup.everyHours, 'hour')}, proven ${every(backup.proveEveryDays, 'day')}`;

const promised = (availability: string | undefined): string =>
  availability === undefined ? 'no number' : `${availability} %`;

function answers(spec: ProductSpec, level: ApplicationLevel): string {
  const { responseTime } = objectiveAt(spec, level);
  return responseTime === undefined
    ? 'no number'
    : `${responseTime.percent} % of readings within ${responseTime.milliseconds} ms`;
}

export const every = (count: number, unit: string): string =>
  count === 1 ? `every ${unit}` : `every ${count} ${unit}s`;
