/** What is told of the end of support of an application's line, in its status and by events (GE-11, GE-12). */
import type { EndOfLife } from '../../api/endoflife.ts';
import type { ManagedApplicationStatus } from '../../api/managedapplication.ts';
import { instant } from '../contract/condition.ts';
import { bounded, cut } from '../contract/excerpt.ts';
import { unknown, type Verdict } from '../contract/finding.ts';
import type { News } from '../guest/news.ts';
import type { EndDecision, Outlook } from './endoflife.ts';

type Pending = NonNullable<ManagedApplicationStatus['pending']>[number];

/** What will become of the application, and by when the customer must have answered; nothing where he has agreed, or all is over. */
export function endPending({ record, outlook }: EndDecision, displayName: string): readonly Pending[] {
  if (record === undefined || outlook === undefined) return [];
  if (record.answer?.decision === 'Approved' || record.ceased !== undefined) return [];
  const { until, answerBy } = outlook;
  const reminder = record.reminded === undefined ? '' : 'Reminder: ';
  const what = `${reminder}support of ${displayName} ${record.line} ends at ${instant(until.at)} (${until.by}). ${asked(record, outlook, displayName)}`;
  const isCeasing = record.answer !== undefined || outlook.isOpen;
  const at = record.answer === undefined ? answerBy : until.at;
  return [
    {
      what: cut(`${what.charAt(0).toUpperCase()}${what.slice(1)}`, 1024),
      ...(isCeasing && { notBefore: instant(at) }),
    },
  ];
}

function asked({ offered, answer }: EndOfLife, { way, until, answerBy, isOpen }: Outlook, displayName: string): string {
  if (offered === undefined)
    return `No change of its line is offered: ${way.obstacle ?? 'it is on its way.'} A migration must be agreed on by then (GE-11).`;
  const change = `ChangeRequest ${offered.change.name}`;
  const anew = `ask for line ${offered.to} by spec.nextLine`;
  if (answer !== undefined)
    return `${answer.by} has rejected ${change} for the customer at ${answer.at}: all managed services for it cease at ${instant(until.at)} (GE-12). To keep them, ${anew} and approve that.`;
  if (way.path === undefined)
    return `${change} offered line ${offered.to}, which is not possible any more: ${way.obstacle} Nothing ceases for want of an answer to it.`;
  if (!isOpen)
    return `${change} offered line ${offered.to}, and is not open to the customer's answer: nothing ceases for want of one. Who wants the change may ${anew}.`;
  return `${change} offers ${displayName} ${offered.to} since ${offered.at}: an Approver of the customer approves or rejects it (GE-11). Without an answer all managed services for it cease at ${instant(answerBy)} (GE-12).`;
}

/** The verdict of its life cycle, with what is on record. */
export function withEnd(verdict: Verdict, record: EndOfLife | undefined): Verdict {
  return record === undefined ? verdict : { ...verdict, message: bounded(`${verdict.message}${told(record)}`) };
}

function told({ offered, reminded, answer, ceased }: EndOfLife): string {
  return [
    ...(offered ? [offeredWords(offered)] : []),
    ...(reminded ? [`The customer was reminded at ${reminded}.`] : []),
    ...(answer ? [answerWords(answer)] : []),
    ...(ceased ? [ceasedWords(ceased)] : []),
  ]
    .map(sentence => ` ${sentence}`)
    .join('');
}

/** The sum of promises of an application whose services have ceased: none counts against the provider any more (GE-4, GE-12). */
export function ceasedSum({ answer, ceased, offered }: EndOfLife): Verdict | undefined {
  if (ceased === undefined || answer === undefined) return undefined;
  const change = offered === undefined ? '' : `${offeredWords(offered)} `;
  return unknown(
    'ServicesCeased',
    bounded(
      `${ceasedWords(ceased)} ${change}${answerWords(answer)} No promise for it counts from then on. The application runs on as it is, and what is promised of its VM counts as before. The services go on after a change to a supported line (GE-11).`,
    ),
  );
}

function offeredWords({ at, to, change }: NonNullable<EndOfLife['offered']>): string {
  return `ChangeRequest ${change.name} has offered line ${to} since ${at}.`;
}

function answerWords({ decision, by, at }: NonNullable<EndOfLife['answer']>): string {
  if (decision === 'Silent') return `The customer had not answered at ${at}.`;
  return `${by} has ${decision.toLowerCase()} it for the customer at ${at}.`;
}

function ceasedWords(ceased: string): string {
  return `All managed services for it are ceased since ${ceased} (GE-12).`;
}

const ANSWER_REASONS = { Approved: 'OfferApproved', Rejected: 'OfferRejected', Silent: 'OfferUnanswered' } as const;

/** What events tell of it, once it is on record. */
export function endNews(before: EndOfLife | undefined, after: EndOfLife | undefined): readonly News[] {
  if (after === undefined) return [];
  const was = before?.line === after.line ? before : undefined;
  const { line, ends, offered, reminded, answer, ceased } = after;
  const of = `Support of line ${line} ends at ${ends}.`;
  const isAnswered = answer !== undefined && (was?.answer?.at !== answer.at || was.answer.decision !== answer.decision);
  return [
    ...(offered && was?.offered === undefined ? [news('Normal', 'LineOffered', `${of} ${offeredWords(offered)}`)] : []),
    ...(reminded && was?.reminded === undefined
      ? [
          news(
            'Warning',
            'SupportReminder',
            `Reminder: ${of} ${offered ? offeredWords(offered) : 'A migration must be agreed on (GE-11).'}`,
          ),
        ]
      : []),
    ...(isAnswered
      ? [
          news(
            answer.decision === 'Approved' ? 'Normal' : 'Warning',
            ANSWER_REASONS[answer.decision],
            `${of} ${answerWords(answer)}`,
          ),
        ]
      : []),
    ...(ceased && was?.ceased === undefined ? [news('Warning', 'ServicesCeased', ceasedWords(ceased))] : []),
  ];
}

function news(type: News['type'], reason: string, message: string): News {
  return { type, reason, message };
}
