import { type Notice, type NoticeSpec, notice, type Receiver } from '../../api/notice.ts';
import { apiVersionOf, type KubeObject } from '../../runtime/api/object.ts';
import { earliest, instant } from '../contract/condition.ts';
import { nextOpen } from '../time/businesstime.ts';
import { hashOf, isCurrent, type News } from './news.ts';
import { receiverKey } from './receivers.ts';

/**
 * What a notice is called: the same for the same news and receiver, so that whoever finds the news again writes it once. It goes with every
 * message (webhook-id, Message-ID), so that the receiver can tell the second try from a second message.
 */
export function noticeName({ kind, topic, occasion }: News, receiver: Receiver): string {
  return `ntc-${hashOf(kind, topic, occasion, receiverKey(receiver)).slice(0, 32)}`;
}

/** What one is told about in one topic. */
export function topicOfReceiver({ topic, receiver }: Pick<NoticeSpec, 'topic' | 'receiver'>): string {
  return `${topic} ${receiverKey(receiver)}`;
}

export type ToTell = {
  readonly news: readonly News[];
  readonly receivers: (news: News) => readonly Receiver[];
  readonly contract: string | undefined;
  readonly namespace: string;
  readonly now: Date;
  /** Whether there is a notice of this name. */
  readonly exists: (name: string) => boolean;
  /** Notices of one topic to one receiver. */
  readonly told: (topicOfReceiver: string) => readonly Notice[];
};

/** Notices that are to be written: of what is news now, for each who does not have one. An end is told to whom the beginning was told. */
export function noticesToWrite(wanted: ToTell): (Notice & KubeObject)[] {
  const { news, receivers, now, exists, told } = wanted;
  const current = news.filter(each => isCurrent(each, now));
  const pairs = current.flatMap(each => receivers(each).map(receiver => ({ news: each, receiver })));
  return pairs
    .filter(({ news: each, receiver }) => {
      if (exists(noticeName(each, receiver))) return false;
      return each.action !== 'Ended' || isOpen(told(topicOfReceiver({ topic: each.topic, receiver })));
    })
    .map(({ news: each, receiver }) => written(each, receiver, wanted));
}

/** When somebody may be told who is not told now: the next core hours of what is news and handled in these. */
export function nextHours(news: readonly News[], now: Date): Date | undefined {
  const closed = news.filter(each => isCurrent(each, now)).flatMap(({ calendar }) => calendar ?? []);
  return earliest(
    ...closed.map(calendar => nextOpen(calendar, now)).filter(opens => opens !== undefined && opens > now),
  );
}

/** Whether what was opened last has not ended. */
export function isOpen(notices: readonly Notice[]): boolean {
  const edges = notices.filter(({ spec }) => spec.action !== 'Changed');
  return edges.toSorted((a, b) => (a.spec.at < b.spec.at ? -1 : 1)).at(-1)?.spec.action === 'Opened';
}

function written(news: News, receiver: Receiver, { contract, namespace, now }: ToTell): Notice & KubeObject {
  const { kind, topic, action, severity, at, until, subject, facts } = news;
  const spec: NoticeSpec = {
    ...{ news: kind, topic, action, severity, at: instant(at), until: instant(until), subject },
    ...(contract !== undefined && { contract }),
    ...{ facts: [...facts], receiver, writtenAt: instant(now) },
  };
  const metadata = { namespace, name: noticeName(news, receiver) };
  return { apiVersion: apiVersionOf(notice), kind: notice.kind, metadata, spec };
}
