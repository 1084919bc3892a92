/** What is done about an incident of an operating system now, by whom, or why not (MO-6, MO-13, GE-3). Pure; the same for the dry run. */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { type ChangeRemedy, ServiceUnit } from '../../api/remedy.ts';
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import { instant } from '../contract/condition.ts';
import { nextRung, type Taken } from '../contract/ladder.ts';
import { entitlements } from '../contract/service-levels.ts';
import { NOT_TO_BE_DONE } from '../contract/stewardchange.ts';
import { isOpen, nextOpen } from '../time/businesstime.ts';
import { guardAgainst, handsInside, isSilent, type Surroundings } from './guards.ts';
import { LADDERS, type LadderRung, rungWords } from './ladders.ts';

/** An incident, as far as its remedy is concerned. */
export type Trouble = {
  readonly name: string;
  readonly uid: string;
  readonly alert: string;
  /** Labels of the alarm; anybody's words. */
  readonly labels: ReadonlyMap<string, string>;
  readonly verdict: 'Proven' | 'Unproven' | 'NotAsked';
  /** Nobody has resolved it, its alarm fires, and nobody is waited for. */
  readonly isOpen: boolean;
  readonly scope: 'OperatingSystem' | 'Application' | 'Platform' | 'Customer';
  /** The ServicePlan that was pinned; undefined: no times are promised, and nothing is done unasked. */
  readonly plan: string | undefined;
  /** ByEffort: it is beyond the level of the VM, and done by the clock of an application on it (GE-3). */
  readonly billing: 'Included' | 'ByEffort';
  /** In whose core hours it is handled; undefined: at every hour. */
  readonly calendar: ServiceCalendarSpec | undefined;
  /** Who has taken it up. */
  readonly person: string | undefined;
  /** A person was called for it before. */
  readonly called: boolean;
};

export type RemedyFacts = {
  readonly trouble: Trouble;
  readonly managedVM: ManagedVM | undefined;
  /** Changes by which something is, or was, mended on this VM. */
  readonly remedies: readonly ChangeRequest[];
  readonly surroundings: Surroundings;
  readonly now: Date;
};

/** A change to be made. */
export type WantedRemedy = { readonly remedy: ChangeRemedy; readonly number: number; readonly words: string };

export type Decision =
  | { readonly act: 'Remedy'; readonly wanted: WantedRemedy }
  /** The machine can do nothing more. */
  | { readonly act: 'Person'; readonly message: string }
  | {
      readonly act: 'None';
      readonly why:
        | 'Over'
        | 'NotProven'
        | 'NotIncluded'
        | 'PersonAtWork'
        | 'Gone'
        | 'Queued'
        | 'UnderWay'
        | 'Guarded'
        | 'Cooldown';
      readonly message: string;
      /** When the answer may be another by the clock alone. */
      readonly nextEdge?: Date;
    };

const none = (why: Extract<Decision, { act: 'None' }>['why'], message: string, nextEdge?: Date): Decision => ({
  ...{ act: 'None', why, message },
  ...(nextEdge && { nextEdge }),
});

const person = (message: string): Decision => ({ act: 'Person', message });

export function decideRemedy(facts: RemedyFacts): Decision {
  return notAtAll(facts.trouble) ?? notYet(facts) ?? climbed(facts);
}

/** Why the machine keeps its hands off it, whatever the time. */
function notAtAll({ verdict, isOpen: open, scope, plan, person: by, called, alert }: Trouble): Decision | undefined {
  if (!open) return none('Over', 'Nothing is to be mended now.');
  if (verdict !== 'Proven')
    return none(
      'NotProven',
      `The alarm is ${verdict === 'NotAsked' ? 'not proven yet' : 'unproven'}, and what is not proven is not mended by a machine.`,
    );
  if (scope !== 'OperatingSystem' && scope !== 'Application')
    return none('NotIncluded', `Its scope is ${scope}: Steward mends nothing of it by itself.`);
  if (plan === undefined)
    return none(
      'NotIncluded',
      'No ServicePlan promises times for it, so nothing is done unasked: on order, by effort (MO-6, GE-3).',
    );
  if (by !== undefined) return none('PersonAtWork', `${by} has taken it up, so the machine keeps its hands off it.`);
  if (called) return none('PersonAtWork', 'A person was called, so the machine keeps its hands off it.');
  return LADDERS.has(alert) ? undefined : person(`No remedy is declared for ${alert}: a person is needed.`);
}

function notYet({ trouble, managedVM, remedies, surroundings, now }: RemedyFacts): Decision | undefined {
  const { calendar, billing, scope } = trouble;
  if (managedVM === undefined || managedVM.metadata.deletionTimestamp !== undefined)
    return none('Gone', 'The ManagedVM is gone, or is being deleted.');
  // The level may be another than when it was opened. What runs by the level of an application is no matter of it (AP-3, AP-4).
  const byOwnLevel = scope === 'OperatingSystem' && billing === 'Included';
  if (byOwnLevel && entitlements(managedVM.spec.serviceLevel).incidentHandling === 'None')
    return none(
      'NotIncluded',
      `Level ${managedVM.spec.serviceLevel} includes no remedies: on order, by effort (MO-6, GE-3).`,
    );
  if (calendar !== undefined && !isOpen(calendar, now)) {
    const opens = nextOpen(calendar, now);
    return none(
      'Queued',
      `It was found outside of core hours, and is taken up ${opens ? `at ${instant(opens)}` : 'when they begin'} (MO-6).`,
      opens,
    );
  }
  const running = remedies.find(({ spec }) => spec.result === undefined);
  if (running !== undefined) return none('UnderWay', `ChangeRequest ${running.metadata.name} is under way on this VM.`);
  const guard = guardAgainst(managedVM, surroundings, now);
  return guard && none('Guarded', guard.message, guard.nextEdge);
}

function climbed({ trouble, managedVM, remedies, surroundings, now }: RemedyFacts): Decision {
  const inside = surroundings.mendsInside && managedVM !== undefined && handsInside(managedVM) === 'Yes';
  const ladder = (LADDERS.get(trouble.alert) ?? []).filter(({ action }) => inside || action === 'RestartGuest');
  const silent = managedVM !== undefined && isSilent(managedVM);
  const fit = ladder.flatMap(rung => {
    const remedy = managedVM && remedyOf(rung, trouble, managedVM, surroundings);
    return remedy === undefined ? [] : [{ ...rung, remedy }];
  });
  const same = remedies.filter(({ spec: { remedy } }) => remedy?.alert === trouble.alert && isSameMatter(remedy, fit));
  const forbids = ({ onlySilent }: LadderRung) => (onlySilent && !silent ? ['a guest that still answers'] : []);
  // What the guest has nothing for is not tried again, and nothing is waited for after it.
  const inVain = same.filter(change => isInVain(change, fit, now));
  const candidates = fit.filter(({ name }) => !inVain.some(({ spec }) => spec.remedy?.rung === name));
  const [first] = inVain;
  if (candidates.length === 0 && first !== undefined) return person(`${first.spec.result?.notes} A person is needed.`);
  const history = same.filter(change => !inVain.includes(change)).flatMap(takenBy);
  const found = nextRung({ ladder: fit, candidates, history, forbids, now });
  if ('rung' in found) {
    const { remedy } = found.rung;
    const words = rungWords(remedy, remedy.unit ?? remedy.mountPoint);
    const number = remedies.filter(({ spec }) => spec.remedy?.incident.uid === trouble.uid).length;
    return { act: 'Remedy', wanted: { remedy, number, words } };
  }
  if (found.none === 'Cooldown') return none('Cooldown', found.message, found.nextEdge);
  return person(
    fit.length === 0
      ? `What ${trouble.alert} is about is nothing that a machine may or can work on now${inside ? '' : ', for nobody gets into the guest'}: a person is needed.`
      : `${found.message} A person is needed.`,
  );
}

/** What the rung is done to, believed only as far as order and schema say; undefined: nothing that it may be done to. */
function remedyOf(
  rung: LadderRung,
  trouble: Trouble,
  { spec }: ManagedVM,
  { thresholds }: Surroundings,
): ChangeRemedy | undefined {
  const { action, name, about, above } = rung;
  const { alert, labels } = trouble;
  const remedy = { action, alert, rung: name, incident: { name: trouble.name, uid: trouble.uid } };
  const label = about && labels.get(about);
  if (about === 'service') {
    const ordered = spec.services?.find(each => each.replace(/\.service$/, '') === label);
    return ordered !== undefined && ServiceUnit.safeParse(ordered).success ? { ...remedy, unit: ordered } : undefined;
  }
  if (about === 'mountpoint') {
    const abovePercent = typeof above === 'number' ? above : thresholds[above ?? 'critical'];
    const isPath =
      label !== undefined && label.length <= 128 && /^(\/|(\/[A-Za-z0-9_][A-Za-z0-9._@+-]*)+)$/.test(label);
    return isPath ? { ...remedy, mountPoint: label, abovePercent } : undefined;
  }
  return remedy;
}

/** Whether it was about the same service or file system. */
function isSameMatter({ unit, mountPoint }: ChangeRemedy, fit: readonly { readonly remedy: ChangeRemedy }[]): boolean {
  return fit.some(({ remedy }) => remedy.unit === unit && remedy.mountPoint === mountPoint);
}

/** Whether its rung found nothing to do it with, within the time for which it counts. */
function isInVain({ spec: { remedy, result } }: ChangeRequest, fit: readonly LadderRung[], now: Date): boolean {
  const hours = fit.find(({ name }) => name === remedy?.rung)?.maxPer.hours ?? 0;
  const isRecent = result !== undefined && now.getTime() - Date.parse(result.finishedAt) < hours * 3_600_000;
  return isRecent && result.notes?.startsWith(NOT_TO_BE_DONE) === true;
}

function takenBy({ metadata, spec }: ChangeRequest): Taken[] {
  const at = spec.result?.finishedAt ?? metadata.creationTimestamp;
  return spec.remedy === undefined || at === undefined ? [] : [{ rung: spec.remedy.rung, at: new Date(at) }];
}
