/** The next rung of a Product's ladder for an incident of its application (AP-3, AP-4): what only the guest can tell of what forbids it is looked at there. */
import type { ChangeRequest } from '../../api/changerequest.ts';
import { type Forbidding, type ProductRung, RemediationAlert } from '../../api/productremediation.ts';
import { type ChangeRemedy, GuestForbidding, ServiceUnit } from '../../api/remedy.ts';
import { earliest } from '../contract/condition.ts';
import { nextRung, type Taken } from '../contract/ladder.ts';
import { isTriggered, PROBE_ALERT_MINUTES, ripeAt, type TroubleSeen } from '../contract/laddertrigger.ts';
import { type Decision, none, person } from './decision.ts';
import type { OfProduct, RemedyFacts, Trouble } from './facts.ts';
import { handsInside } from './guards.ts';
import { rungWords } from './ladders.ts';
import { isInVain, sameUnit } from './taken.ts';

const MINUTE = 60_000;
/** For so long the word of a guest holds that nothing stands against a restart of it. Milliseconds. */
const LOOK_HOLDS_MS = 5 * MINUTE;

/** What only the guest can tell. */
const inGuest = (each: Forbidding): each is GuestForbidding => GuestForbidding.safeParse(each).success;

/** Whether any rung is for what the alarm says. */
export function isDeclared({ ladder }: OfProduct, trouble: Trouble): boolean {
  const late = new Date(trouble.since.getTime() + 1440 * MINUTE);
  return ladder.some(rung => isTriggered(rung, seenOf(trouble), late));
}

function seenOf({ alert, labels, since }: Trouble): TroubleSeen {
  const probe = alert === 'ManagedApplicationProbeFailed' ? labels.get('probe') : undefined;
  const known = RemediationAlert.safeParse(alert);
  return {
    failing: probe === undefined ? [] : [{ probe, since: new Date(since.getTime() - PROBE_ALERT_MINUTES * MINUTE) }],
    firing: known.success ? [known.data] : [],
  };
}

/** What of outside forbids a rung now. */
export function forbiddenOutside({ forbiddenWhen = [] }: ProductRung, { forbidding }: OfProduct): readonly string[] {
  return forbiddenWhen.filter(each => !inGuest(each) && forbidding[each] !== false);
}

/** What the guest is asked about before it is taken. */
export function unlessOf({ forbiddenWhen = [] }: ProductRung): Pick<ChangeRemedy, 'unless'> {
  const unless = forbiddenWhen.filter(inGuest);
  return unless.length === 0 ? {} : { unless };
}

/** Its unit, as systemd calls it; undefined: it names none that can be worked on. */
export function unitOf({ unit }: Pick<ProductRung, 'unit'>, { line }: OfProduct): string | undefined {
  const named = unit?.replaceAll('{{ line }}', line);
  return named !== undefined && ServiceUnit.safeParse(named).success ? named : undefined;
}

type Fit = ProductRung & { readonly remedy: ChangeRemedy | undefined };

export function climbedByProduct(facts: RemedyFacts, of: OfProduct): Decision {
  const { trouble, managedVM, remedies, now } = facts;
  const seen = seenOf(trouble);
  const triggered = of.ladder.filter(rung => isTriggered(rung, seen, now));
  const ripe = ripeAt(of.ladder, seen, now);
  if (triggered.length === 0) return none('Waiting', 'It has not failed for as long as its ladder wants.', ripe);
  const inside = facts.surroundings.mendsInside && managedVM !== undefined && handsInside(managedVM) === 'Yes';
  const fit = triggered.map(rung => ({ ...rung, remedy: remedyOf(rung, facts, of) }));
  const own = remedies.filter(({ spec: { remedy } }) => remedy?.application?.uid === of.application.uid);
  const inVain = own.filter(change => isInVain(change, of.ladder, now));
  const isPointless = ({ action, name }: ProductRung) =>
    inVain.some(({ spec }) => spec.remedy?.rung === name) ||
    // A unit that is masked, or not there, is so after a restart too.
    (action === 'RestartVM' && inVain.some(({ spec }) => spec.remedy?.action === 'RestartUnit'));
  const candidates = fit.filter(rung => !isPointless(rung));
  const [vain] = inVain;
  if (vain !== undefined && candidates.every(({ action }) => action === 'Human'))
    return person(`${vain.spec.result?.notes} A person is needed.`);
  const forbids = ({ action, remedy, ...rung }: Fit) => {
    if (action === 'Human') return [];
    const outside = forbiddenOutside({ action, ...rung }, of);
    if (remedy === undefined) return [...outside, 'a unit that has no such name'];
    return inside || remedy.action === 'RestartGuest' ? outside : [...outside, 'a guest that nobody gets into'];
  };
  const ladder = of.ladder.map(rung => ({ ...rung, remedy: undefined }));
  const counted = remedies.filter(change => !inVain.includes(change));
  const history = [...counted.flatMap(change => takenBy(change, of)), ...calledBy(of)];
  const found = nextRung<Fit>({ ladder, candidates, history, forbids, now });
  if ('rung' in found) return taken(found.rung, facts);
  if (found.none === 'Cooldown') return none('Cooldown', found.message, found.nextEdge);
  const next = earliest(found.nextEdge, ripe, of.until);
  return next === undefined ? person(`${found.message} A person is needed.`) : none('Waiting', found.message, next);
}

function taken({ action, name, remedy }: Fit, { trouble, remedies }: RemedyFacts): Decision {
  if (action === 'Human' || remedy === undefined)
    return person(`The ladder of the Product has come to rung ${name}: a person is needed.`);
  const number = remedies.filter(({ spec }) => spec.remedy?.incident.uid === trouble.uid).length;
  return { act: 'Remedy', wanted: { remedy, number, words: rungWords(remedy, remedy.unit ?? remedy.mountPoint) } };
}

/** What a rung comes to. Before a VM is restarted its guest is asked, where only that can tell what forbids it. */
function remedyOf(rung: ProductRung, facts: RemedyFacts, of: OfProduct): ChangeRemedy | undefined {
  const { trouble, surroundings } = facts;
  const { name: rungName, action, cooldownMinutes } = rung;
  const probe = trouble.alert === 'ManagedApplicationProbeFailed' ? trouble.labels.get('probe') : undefined;
  const base = {
    ...{ alert: trouble.alert, rung: rungName, incident: { name: trouble.name, uid: trouble.uid } },
    ...{ application: of.application, waitMinutes: cooldownMinutes },
  };
  const looked = {
    ...base,
    ...unlessOf(rung),
    ...(probe && { probe: { application: of.application.name, name: probe } }),
  };
  switch (action) {
    case 'Reload':
    case 'RestartUnit': {
      const unit = unitOf(rung, of);
      return unit === undefined ? undefined : { ...looked, action, unit };
    }
    case 'FreeSpace':
      return { ...base, action, mountPoint: '/', abovePercent: surroundings.thresholds.critical };
    case 'RestartVM': {
      if (looked.unless === undefined || hasLooked(facts, rungName)) return { ...base, action: 'RestartGuest' };
      const unit = of.ladder.flatMap(each => unitOf(each, of) ?? []).at(0);
      return { ...looked, action: 'Look', ...(unit !== undefined && { unit }) };
    }
    case 'Human':
      return undefined;
  }
}

/** Whether the guest has said just now, for this incident, that nothing stands against it. */
function hasLooked({ trouble, remedies, now }: RemedyFacts, rung: string): boolean {
  return remedies.some(({ spec: { remedy, result } }) => {
    const isOwn = remedy?.action === 'Look' && remedy.rung === rung && remedy.incident.uid === trouble.uid;
    return isOwn && result?.outcome === 'Succeeded' && now.getTime() - Date.parse(result.finishedAt) < LOOK_HOLDS_MS;
  });
}

/** Which rung of this ladder a change was. What another ladder did to the same unit, or to the VM, counts as if this one had done it. */
function takenBy({ metadata, spec: { remedy, result } }: ChangeRequest, of: OfProduct): Taken[] {
  const at = result?.finishedAt ?? metadata.creationTimestamp;
  if (remedy === undefined || at === undefined) return [];
  // That nothing stands against a restart is none. Where something does, it was tried.
  if (remedy.action === 'Look' && result?.outcome === 'Succeeded') return [];
  const isOwn = remedy.application?.uid === of.application.uid;
  const rung = isOwn && of.ladder.some(({ name }) => name === remedy.rung) ? remedy.rung : likeOf(remedy, of);
  return rung === undefined ? [] : [{ rung, at: new Date(at) }];
}

function likeOf({ action, unit }: ChangeRemedy, of: OfProduct): string | undefined {
  return of.ladder.find(rung => {
    if (action === 'RestartGuest') return rung.action === 'RestartVM';
    return action === 'RestartService' && rung.action === 'RestartUnit' && sameUnit(unit, unitOf(rung, of));
  })?.name;
}

function calledBy({ ladder, called }: OfProduct): Taken[] {
  const rung = ladder.find(({ action }) => action === 'Human')?.name;
  return rung === undefined ? [] : called.map(at => ({ rung, at }));
}
