/** What is done about an incident now, by whom, or why not (MO-6, MO-13, AP-3, AP-4, GE-3). Pure; the same for the dry run. */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ProductRung } from '../../api/productremediation.ts';
import { type ChangeRemedy, ServiceUnit } from '../../api/remedy.ts';
import { earliest, instant } from '../contract/condition.ts';
import { nextRung, type Taken } from '../contract/ladder.ts';
import { entitlements } from '../contract/service-levels.ts';
import { isOpen, nextOpen } from '../time/businesstime.ts';
import { type Decision, none, person } from './decision.ts';
import type { OfProduct, RemedyFacts, Trouble } from './facts.ts';
import { guardAgainst, handsInside, isSilent, type Surroundings } from './guards.ts';
import { LADDERS, type LadderRung, rungWords } from './ladders.ts';
import { climbedByProduct, forbiddenOutside, isDeclared, unitOf, unlessOf } from './product.ts';
import { isInVain, sameUnit } from './taken.ts';

/** A guard is waited for so long while an alarm stands; then a person is called. Milliseconds. */
const GUARD_BOUND_MS = 30 * 60_000;

export function decideRemedy(facts: RemedyFacts): Decision {
  return notAtAll(facts) ?? notDeclared(facts) ?? notYet(facts) ?? byLadder(facts);
}

function byLadder(facts: RemedyFacts): Decision {
  const { trouble, product } = facts;
  return trouble.subject === 'ManagedApplication' && product !== undefined
    ? climbedByProduct(facts, product)
    : climbed(facts);
}

/** Why the machine keeps its hands off it, whatever the time. */
function notAtAll({ trouble, product }: RemedyFacts): Decision | undefined {
  const { verdict, isOpen: open, scope, plan, person: by, called } = trouble;
  if (!open) return none('Over', 'Nothing is to be mended now.');
  if (verdict !== 'Proven')
    return none(
      'NotProven',
      `The alarm is ${verdict === 'NotAsked' ? 'not proven yet' : 'unproven'}, and what is not proven is not mended by a machine.`,
    );
  if (scope !== 'OperatingSystem' && scope !== 'Application')
    return none('NotIncluded', `Its scope is ${scope}: Steward mends nothing of it by itself.`);
  // The level may be another than when it was opened.
  if (scope === 'Application' && product?.level === 'Basic')
    return none(
      'NotIncluded',
      `Level Basic of ManagedApplication ${product.application.name} includes no remedies: on order, by effort (AP-3, GE-3).`,
    );
  if (plan === undefined)
    return none(
      'NotIncluded',
      'No ServicePlan promises times for it, so nothing is done unasked: on order, by effort (MO-6, GE-3).',
    );
  if (by !== undefined) return none('PersonAtWork', `${by} has taken it up, so the machine keeps its hands off it.`);
  if (called) return none('PersonAtWork', 'A person was called, so the machine keeps its hands off it.');
  return undefined;
}

/** Whether anybody has declared a remedy for it. */
function notDeclared({ trouble, product }: RemedyFacts): Decision | undefined {
  const { subject, alert } = trouble;
  if (subject === 'ManagedVM')
    return LADDERS.has(alert) ? undefined : person(`No remedy is declared for ${alert}: a person is needed.`);
  if (product === undefined) return none('Gone', 'The ManagedApplication or its Product is gone, or cannot be read.');
  return isDeclared(product, trouble)
    ? undefined
    : person(`Product ${product.product} declares no remedy for ${alert}: a person is needed.`);
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
      `It was found outside of core hours, and is taken up ${opens ? `at ${instant(opens)}` : 'when they begin'} (${scope === 'Application' ? 'AP-3' : 'MO-6'}).`,
      opens,
    );
  }
  const running = remedies.find(({ spec }) => spec.result === undefined);
  if (running !== undefined) return none('UnderWay', `ChangeRequest ${running.metadata.name} is under way on this VM.`);
  const guard = guardAgainst(managedVM, surroundings, now);
  if (guard === undefined) return undefined;
  // What is off or paused by an order is so for as long as that says.
  if (guard.isOrdered) return none('Guarded', guard.message);
  const until = guardedUntil(trouble, remedies);
  return until <= now
    ? person(`${guard.message} This has kept Steward from mending it until ${instant(until)}: a person is needed.`)
    : none('Guarded', guard.message, earliest(guard.nextEdge, until));
}

/** How long a guard is waited for: since the alarm fires, or since the last remedy for it was over, in core hours where those count. */
function guardedUntil({ since, uid, calendar }: Trouble, remedies: readonly ChangeRequest[]): Date {
  const own = remedies.filter(({ spec }) => spec.remedy?.incident.uid === uid);
  const over = own.map(({ spec }) => Date.parse(spec.result?.finishedAt ?? '')).filter(at => !Number.isNaN(at));
  const from = new Date(Math.max(since.getTime(), ...over));
  const open = calendar === undefined || isOpen(calendar, from) ? from : (nextOpen(calendar, from) ?? from);
  return new Date(open.getTime() + GUARD_BOUND_MS);
}

function climbed({ trouble, managedVM, product, remedies, surroundings, now }: RemedyFacts): Decision {
  const inside = surroundings.mendsInside && managedVM !== undefined && handsInside(managedVM) === 'Yes';
  const ladder = (LADDERS.get(trouble.alert) ?? []).filter(({ action }) => inside || action === 'RestartGuest');
  const silent = managedVM !== undefined && isSilent(managedVM);
  const fit = ladder.flatMap(rung => {
    const remedy = managedVM && remedyOf(rung, trouble, managedVM, surroundings);
    return remedy === undefined ? [] : [{ ...rung, remedy: withReasonsAgainst(remedy, product) }];
  });
  const same = remedies.filter(({ spec: { remedy } }) => remedy !== undefined && isSameMatter(remedy, trouble, fit));
  const forbids = ({ onlySilent, remedy }: LadderRung & { readonly remedy: ChangeRemedy }) => {
    const owned = product && ownRungOf(remedy, product);
    const outside = product && owned ? forbiddenOutside(owned, product) : [];
    return onlySilent && !silent ? [...outside, 'a guest that still answers'] : outside;
  };
  // What the guest has nothing for is not tried again, and nothing is waited for after it.
  const inVain = same.filter(change => isInVain(change, fit, now));
  const candidates = fit.filter(({ name }) => !inVain.some(({ spec }) => spec.remedy?.rung === name));
  const [first] = inVain;
  if (candidates.length === 0 && first !== undefined) return person(`${first.spec.result?.notes} A person is needed.`);
  const history = same.filter(change => !inVain.includes(change)).flatMap(change => takenBy(change, fit));
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

/** A unit of an application is started only where its Product has nothing against it (AP-3). */
function withReasonsAgainst(remedy: ChangeRemedy, product: OfProduct | undefined): ChangeRemedy {
  const owned = product && ownRungOf(remedy, product);
  return product && owned ? { ...remedy, ...unlessOf(owned), application: product.application } : remedy;
}

/** The rung of the Product that restarts the same unit. */
function ownRungOf({ action, unit }: ChangeRemedy, product: OfProduct): ProductRung | undefined {
  if (action !== 'RestartService') return undefined;
  return product.ladder.find(rung => rung.action === 'RestartUnit' && sameUnit(unit, unitOf(rung, product)));
}

type Fit = readonly { readonly name: string; readonly remedy: ChangeRemedy }[];

/** Whether it was about the same service or file system; a unit that the ladder of its application has restarted was restarted. */
function isSameMatter({ alert, action, unit, mountPoint }: ChangeRemedy, trouble: Trouble, fit: Fit): boolean {
  if (action === 'RestartUnit') return fit.some(({ remedy }) => sameUnit(unit, remedy.unit));
  const isSame = (remedy: ChangeRemedy) => remedy.unit === unit && remedy.mountPoint === mountPoint;
  return alert === trouble.alert && fit.some(({ remedy }) => isSame(remedy));
}

function takenBy({ metadata, spec: { remedy, result } }: ChangeRequest, fit: Fit): Taken[] {
  const at = result?.finishedAt ?? metadata.creationTimestamp;
  if (remedy === undefined || at === undefined) return [];
  const isOther = remedy.action === 'RestartUnit';
  const rung = isOther ? fit.find(each => sameUnit(each.remedy.unit, remedy.unit))?.name : remedy.rung;
  return rung === undefined ? [] : [{ rung, at: new Date(at) }];
}
