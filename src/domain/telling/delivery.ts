/** When a notice is sent, sent again, given up and forgotten: pure, of the notice and the time. */
import type { Notice, NoticeStatus } from '../../api/notice.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';

const SECOND = 1_000;
const DAY_MS = 86_400_000;

/** After each try that failed, in seconds: those that Standard Webhooks name for an example, three days in all. */
export const RETRY_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;
/** The longest that a receiver may ask us to wait (Retry-After). */
const LONGEST_ASKED_MS = DAY_MS;
/** A try whose end is not known may still be under way, in a process that has lost its Lease. */
const UNKNOWN_END_MS = 60 * SECOND;
/** One that came into the cluster so much later than it was written was not put there by its writer: a restore or a clone brought it. */
const COPY_MS = 10 * 60 * SECOND;
/** How long is kept what became of it. */
export const RETENTION_MS = 30 * DAY_MS;
/** How long a beginning is kept whose end has not come, so that its end is told. */
export const OPEN_RETENTION_MS = 400 * DAY_MS;
const MESSAGE_LENGTH = 500;

export type Decision =
  | { readonly do: 'Send' }
  | { readonly do: 'Wait'; readonly until: Date }
  | { readonly do: 'GiveUp'; readonly why: string }
  | { readonly do: 'Forget' };

/** `isOpen`: it is the last of its topic, and opens something. */
export function decide(notice: Notice, isOpen: boolean, now: Date): Decision {
  const { spec, status, metadata } = notice;
  const ended = status?.sentAt ?? status?.endedAt;
  if (ended !== undefined) {
    const kept = isOpen && status?.phase === 'Sent' ? OPEN_RETENTION_MS : RETENTION_MS;
    const until = new Date(Math.max(Date.parse(ended), Date.parse(spec.until)) + kept);
    return until <= now ? { do: 'Forget' } : { do: 'Wait', until };
  }
  const came = Date.parse(metadata.creationTimestamp ?? spec.writtenAt);
  if (came - Date.parse(spec.writtenAt) > COPY_MS)
    return {
      do: 'GiveUp',
      why: `It was written at ${spec.writtenAt} and came into this cluster at ${instant(new Date(came))}: it is a copy, and nobody is told twice.`,
    };
  if (Date.parse(spec.until) <= now.getTime())
    return { do: 'GiveUp', why: `It was no news any more at ${spec.until}.${lastWords(status)}` };
  const due = dueAt(status);
  return due !== undefined && due > now ? { do: 'Wait', until: due } : { do: 'Send' };
}

function dueAt(status: NoticeStatus | undefined): Date | undefined {
  if (status?.phase === 'Sending' && status.triedAt !== undefined)
    return new Date(Date.parse(status.triedAt) + UNKNOWN_END_MS);
  return status?.nextTryAt === undefined ? undefined : new Date(status.nextTryAt);
}

/**
 * How a try ended: taken; refused for good; or failed, and perhaps not the next time. `says`: a sentence without its full stop. `holds`: it
 * would not have been another with any other message.
 */
export type Outcome =
  | { readonly is: 'Taken'; readonly says: string }
  | { readonly is: 'Refused'; readonly says: string }
  | Failed;
export type Failed = {
  readonly is: 'Failed';
  readonly says: string;
  readonly retryAfterMs?: number | undefined;
  readonly holds?: boolean;
};

/** What is written before a try. */
export function begun(status: NoticeStatus | undefined, now: Date): NoticeStatus {
  const { message } = status ?? {};
  return {
    phase: 'Sending',
    tries: (status?.tries ?? 0) + 1,
    triedAt: instant(now),
    ...(message !== undefined && { message }),
  };
}

/** What is written after it. */
export function ended(status: NoticeStatus, outcome: Outcome, now: Date): NoticeStatus {
  const { tries, triedAt } = status;
  const base = { tries, ...(triedAt !== undefined && { triedAt }) };
  if (outcome.is === 'Taken')
    return { ...base, phase: 'Sent', sentAt: instant(now), message: said(`${outcome.says}.`) };
  if (outcome.is === 'Refused') return dead(base, `Try ${tries}: ${outcome.says}. It says so for good`, now);
  const waitMs = retryMs(tries, outcome.retryAfterMs);
  if (waitMs === undefined) return dead(base, `Try ${tries}, the last: ${outcome.says}`, now);
  const nextTryAt = instant(new Date(Math.ceil((now.getTime() + waitMs) / SECOND) * SECOND));
  return {
    ...base,
    phase: 'Waiting',
    nextTryAt,
    message: said(`Try ${tries}: ${outcome.says}. The next is at ${nextTryAt}.`),
  };
}

/** What is written where another notice told it too. */
export function toldBy(status: NoticeStatus | undefined, speaker: string, now: Date): NoticeStatus {
  const { tries = 0, triedAt } = status ?? {};
  const message = `It was told by the mail of ${speaker}, with others that waited for the same person.`;
  return { phase: 'Sent', tries, ...(triedAt !== undefined && { triedAt }), sentAt: instant(now), message };
}

/** What is written where nobody tries any more. */
export function givenUp(status: NoticeStatus | undefined, why: string, now: Date): NoticeStatus {
  const { tries = 0, triedAt } = status ?? {};
  return dead({ tries, ...(triedAt !== undefined && { triedAt }) }, why.replace(/\.$/, ''), now);
}

function dead(base: Pick<NoticeStatus, 'tries' | 'triedAt'>, why: string, now: Date): NoticeStatus {
  return { ...base, phase: 'Dead', endedAt: instant(now), message: said(`${why}.`) };
}

/** Undefined: there is no next one. */
function retryMs(tries: number, askedMs: number | undefined): number | undefined {
  const seconds = RETRY_SECONDS[tries - 1];
  if (seconds === undefined) return undefined;
  return Math.max(seconds * SECOND, Math.min(askedMs ?? 0, LONGEST_ASKED_MS));
}

function lastWords(status: NoticeStatus | undefined): string {
  return status?.message === undefined ? '' : ` ${status.message}`;
}

function said(words: string): string {
  return cut(words, MESSAGE_LENGTH);
}
