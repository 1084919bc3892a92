import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import {
  Forbidding,
  type ProductRemediation,
  type ProductRung,
  type RemediationAlert,
} from '../../api/productremediation.ts';
import type { Taken } from '../contract/ladder.ts';
import { type Observed, remedyFor } from './remediation.ts';
import { LINE } from './template.ts';

/** What a rung does, to the unit of a line. */
export function actionWords({ action, unit = '' }: ProductRung, line: string): string {
  switch (action) {
    case 'Reload':
      return `reload ${unit.replaceAll(LINE, line)}`;
    case 'RestartUnit':
      return `restart ${unit.replaceAll(LINE, line)}`;
    case 'FreeSpace':
      return 'free space: vacuum the journal, clean the package cache, remove rotated logs, and no file of a database';
    case 'RestartVM':
      return 'restart the VM';
    case 'Human':
      return 'call a person';
  }
}

/** When remedies are included. */
export const ENTITLEMENT: Readonly<Record<ApplicationLevel, string>> = {
  Basic: 'not included (AP-3, AP-4); trouble is an incident, billed by effort (GE-3)',
  Advanced: 'in core hours (AP-3); outside of them trouble is an incident, billed by effort (GE-3)',
  Expert: 'at any hour (AP-4)',
};

/** What a ladder would do for each trouble that does not end, where nothing forbids it: lines for people. */
export function remediationInWords(
  ladder: ProductRemediation,
  level: ApplicationLevel,
  line: string,
): readonly string[] {
  const head = `dry run of remediation; at ${level} ${ENTITLEMENT[level]}:`;
  if (level === 'Basic') return [head];
  const byCourse = new Map<string, string[]>();
  for (const trouble of troublesOf(ladder)) {
    const course = rehearsed(ladder, trouble).map(({ rung, minutes }) => {
      const times = `at most ${rung.maxPer.count} in ${rung.maxPer.hours} ${rung.maxPer.hours === 1 ? 'hour' : 'hours'}`;
      return `     after ${minutes} minutes, rung ${rung.name}: would ${actionWords(rung, line)}; ${times}.`;
    });
    const text = course.join('\n');
    byCourse.set(text, [...(byCourse.get(text) ?? []), trouble.words]);
  }
  return [
    head,
    ...[...byCourse].flatMap(([course, troubles]) => [`  if ${troubles.join(' or ')}, and nothing helps:`, course]),
  ];
}

type Trouble = { readonly words: string; readonly at: (begin: Date) => Pick<Observed, 'failing' | 'firing'> };

function troublesOf(ladder: ProductRemediation): readonly Trouble[] {
  const probes = new Set(ladder.flatMap(({ trigger }) => trigger.probes ?? []));
  const alerts = new Set<RemediationAlert>(ladder.flatMap(({ trigger }) => trigger.alerts ?? []));
  return [
    ...[...probes].map(probe => ({
      words: `probe ${probe} fails`,
      at: (since: Date) => ({ failing: [{ probe, since }], firing: [] }),
    })),
    ...[...alerts].map(alert => ({ words: `${alert} fires`, at: () => ({ failing: [], firing: [alert] }) })),
  ];
}

/** Longest course: every rung of a ladder as often as it may be taken. */
const MOST_STEPS = 100;

/** What would be done one after the other, until a person is called; in minutes since the trouble began. */
export function rehearsed(
  ladder: ProductRemediation,
  trouble: Pick<Trouble, 'at'>,
): readonly { readonly rung: ProductRung; readonly minutes: number }[] {
  const begin = new Date(0);
  const forbidding = Object.fromEntries(Forbidding.options.map(each => [each, false]));
  const observed: Observed = { ...trouble.at(begin), forbidding };
  const history: Taken[] = [];
  const course: { rung: ProductRung; minutes: number }[] = [];
  let now = begin;
  for (let step = 0; step < MOST_STEPS; step++) {
    const remedy = remedyFor({ ladder, level: 'Expert', calendar: undefined, observed, history, now });
    if ('rung' in remedy) {
      course.push({ rung: remedy.rung, minutes: now.getTime() / 60_000 });
      history.push({ rung: remedy.rung.name, at: now });
      if (remedy.rung.action === 'Human') return course;
    } else if (remedy.nextEdge === undefined) return course;
    else now = remedy.nextEdge;
  }
  return course;
}
