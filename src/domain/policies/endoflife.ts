/** The end of support of an application's line: offered, reminded, answered, and its services ceased on the record alone (AP-14, GE-9, GE-12; docs/adr/0180). */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { CustomerAnswer, EndOfLife } from '../../api/endoflife.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import { lineOf } from '../application/line.ts';
import { type LinePath, type PathFacts, wayOut } from '../application/linepath.ts';
import { REMINDER_DAYS, supportedUntil, type Until } from '../application/supported.ts';
import { lineOffer, lineOfferName } from '../change/linechange.ts';
import { instant } from '../contract/condition.ts';
import { awaitsCustomer, hasPlan, isOpen, wordOn } from '../contract/customerword.ts';
import type { StewardChange } from '../contract/stewardchange.ts';
import { NOTICE_DAYS } from '../machine/lifecycle.ts';

const DAY = 86_400_000;

export type EndFacts = PathFacts & {
  /** The ChangeRequest that offers a change of the line, if it is there. */
  readonly offer: ChangeRequest | undefined;
  /** The one that status.lineChange names. */
  readonly change: ChangeRequest | undefined;
};

/** What was offered and may still be carried out. */
export type OpenOffer = { readonly to: string; readonly request: ChangeRequest };

export type EndDecision = {
  /** Of the line that runs; absent: its end is far, or it was never set up. */
  readonly record?: EndOfLife | undefined;
  /** The offer, to be made. */
  readonly makes?: StewardChange | undefined;
  readonly offer?: OpenOffer | undefined;
  /** What the status tells of it; absent: nothing. */
  readonly outlook?: Outlook | undefined;
  readonly nextEdge?: Date | undefined;
};

/** What is to come, from 180 days before the end. */
export type Outlook = {
  readonly until: Until;
  readonly way: LinePath;
  /** Until when an answer counts as one: support has ended then, and the offer was there for 90 days. */
  readonly answerBy: Date;
  readonly isOpen: boolean;
};

type Answer = CustomerAnswer;

/** Nothing is forgotten where the dates are not known; another line begins anew. */
export function endOfLife(application: ManagedApplication, facts: EndFacts, now: Date): EndDecision {
  const { status } = application;
  const name = lineOf(application);
  const line = facts.product.lines.find(each => each.name === name);
  if (line === undefined || status?.plan === undefined) return { record: status?.endOfLife };
  const until = supportedUntil(facts.product, line, facts.system, facts.operatingSystem);
  const before = status.endOfLife?.line === name ? status.endOfLife : undefined;
  const isNear = now >= daysFrom(until.at, -NOTICE_DAYS);
  if (!isNear && before?.offered === undefined) return {};
  const way = wayOut(name, until.at, facts, now);
  const offered = before?.offered ?? (isNear ? offeredNow(application, way, now) : undefined);
  const request = requestOf(offered, facts);
  const open = offered !== undefined && request !== undefined && isOpen(request);
  const answerBy = new Date(
    Math.max(until.at.getTime(), offered === undefined ? 0 : daysFrom(new Date(offered.at), REMINDER_DAYS).getTime()),
  );
  const known: EndOfLife = {
    ...{ line: name, ends: instant(until.at) },
    ...(offered && { offered: withUid(offered, request) }),
    ...remindedNow(before, until, now),
  };
  const isUnanswered = open && way.path !== undefined && awaitsCustomer(request) && now >= answerBy;
  return {
    record: {
      ...known,
      ...answered(before, answerTo(offered, request, facts, before), isUnanswered, now >= until.at, now),
    },
    makes:
      isMissing(application, known, request) && way.path ? offerOf(application, way.path, facts, until) : undefined,
    offer: open ? { to: offered.to, request } : undefined,
    outlook: isNear ? { until, way, answerBy, isOpen: open } : undefined,
    nextEdge: now < answerBy ? answerBy : undefined,
  };
}

/** What was asked for by the order already is not offered a second time. */
function offeredNow(application: ManagedApplication, { path }: LinePath, now: Date): EndOfLife['offered'] {
  if (path === undefined) return undefined;
  const { to, phase, change } = application.status?.lineChange ?? {};
  const isAsked = to === path.to && (phase === 'Checked' || phase === 'Agreed' || phase === 'Changing');
  const asked = isAsked ? change : undefined;
  return { at: instant(now), to: path.to, change: asked ?? { name: lineOfferName(application, path.to) } };
}

/** Of the very change that was offered: one that was made again under its name was not. */
function requestOf(offered: EndOfLife['offered'], { offer, change }: EndFacts): ChangeRequest | undefined {
  if (offered === undefined) return undefined;
  const { name, uid } = offered.change;
  return [offer, change].find(each => each?.metadata.name === name && (uid === undefined || each.metadata.uid === uid));
}

function withUid(offered: NonNullable<EndOfLife['offered']>, request: ChangeRequest | undefined) {
  const uid = offered.change.uid ?? request?.metadata.uid;
  return { ...offered, change: { name: offered.change.name, ...(uid && { uid }) } };
}

/** Never made, as far as anybody knows. */
function isMissing(application: ManagedApplication, { offered }: EndOfLife, request: ChangeRequest | undefined) {
  return (
    offered !== undefined &&
    request === undefined &&
    offered.change.uid === undefined &&
    offered.change.name === lineOfferName(application, offered.to)
  );
}

function offerOf(
  application: ManagedApplication,
  path: NonNullable<LinePath['path']>,
  { product }: EndFacts,
  { at, by }: Until,
): StewardChange {
  return lineOffer(application, path, product.displayName, `${instant(at)} (${by})`);
}

function remindedNow(before: EndOfLife | undefined, { at }: Until, now: Date): Pick<EndOfLife, 'reminded'> {
  return now < daysFrom(at, -REMINDER_DAYS) ? {} : { reminded: before?.reminded ?? instant(now) };
}

/** What ended the services stays on record; before the end of support nothing has. */
function answered(
  before: EndOfLife | undefined,
  given: Answer | undefined,
  isUnanswered: boolean,
  isEnded: boolean,
  now: Date,
): Pick<EndOfLife, 'answer' | 'ceased'> {
  const { answer: last, ceased } = before ?? {};
  if (isEnded && last !== undefined && ceased !== undefined) return { answer: last, ceased };
  const answer: Answer | undefined = given ?? (isUnanswered ? { decision: 'Silent', at: instant(now) } : undefined);
  if (answer === undefined) return {};
  return isEnded && answer.decision !== 'Approved' ? { answer, ceased: instant(now) } : { answer };
}

/** The customer's last word on what was offered, or on what he has asked for since; that of before where the offer is gone or was not judged. */
function answerTo(
  offered: EndOfLife['offered'],
  request: ChangeRequest | undefined,
  { change }: EndFacts,
  before: EndOfLife | undefined,
): Answer | undefined {
  if (offered === undefined) return undefined;
  const since = [wordOn(change)].filter(word => word !== undefined && word.at >= offered.at);
  const words = [wordOn(request), ...since].filter(word => word !== undefined);
  if (words.length > 0) return words.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
  const isKnown = request !== undefined && hasPlan(request);
  return isKnown || before?.answer?.decision === 'Silent' ? undefined : before?.answer;
}

function daysFrom(at: Date, days: number): Date {
  return new Date(at.getTime() + days * DAY);
}
