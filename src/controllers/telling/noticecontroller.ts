import { contract } from '../../api/contract.ts';
import { type Notice, NoticeSpec, notice } from '../../api/notice.ts';
import { readable } from '../../domain/contract/readable.ts';
import { begun, decide, ended, givenUp, type Outcome } from '../../domain/telling/delivery.ts';
import { isOpen, topicOfReceiver } from '../../domain/telling/notices.ts';
import { receiverKey } from '../../domain/telling/receivers.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type Reader,
  type ReconcileContext,
  type Result,
} from '../../runtime/pass/controller.ts';
import type { NoticeBook } from './book.ts';
import type { Holds } from './holds.ts';
import { namedContract, TOPIC_INDEX, topicsOf } from './newscontroller.ts';
import type { Sender } from './sender.ts';

/** Sent at once: a receiver that hangs takes one of them for 15 s at most. */
const CONCURRENCY = 8;
const UNKNOWN_MS = 30_000;

export type NoticeParts = {
  readonly namespace: string;
  readonly sender: Sender;
  readonly holds: Holds;
  readonly book: NoticeBook;
  readonly clock: Clock;
};

type Written = Notice & KubeObject;

/** Sends each notice, again where that failed, and forgets it in time. What is sent was written before, and so is that it is sent now. */
export function noticeController(parts: NoticeParts): ControllerDefinition<Written> {
  return defineController<Written>({
    ...{ name: 'tell', kind: notice, owns: [], concurrency: CONCURRENCY },
    indexes: { [TOPIC_INDEX]: object => topicsOf(object, parts.namespace) },
    watches: [{ kind: contract, part: () => 'no change of it sends anything', toKeys: () => [] }],
    forget: uid => parts.book.forget(uid),
    reconcile: async context => {
      const { object, read, now } = context;
      if (object.metadata.namespace !== parts.namespace) return;
      parts.book.seen(object);
      const { spec, problem } = readable(NoticeSpec, object.spec);
      if (spec === undefined) {
        if (object.status?.endedAt === undefined)
          await context.status(givenUp(object.status, `It cannot be read: ${problem}`, now));
        return;
      }
      const decision = decide({ ...object, spec }, isLastAndOpen(object, read), now);
      if (decision.do === 'Wait') return { requeueAt: decision.until };
      if (decision.do === 'Forget') await context.deleteObject(notice, object);
      else if (decision.do === 'GiveUp') await context.status(givenUp(object.status, decision.why, now));
      else return send(context, { ...object, spec }, parts);
    },
  });
}

async function send(
  { read, now, status, log }: ReconcileContext<Written>,
  object: Written,
  { sender, holds, clock }: NoticeParts,
): Promise<Result | undefined> {
  const { receiver } = object.spec;
  const key = receiver.way === 'Mail' ? 'the mail server' : receiverKey(receiver);
  const held = holds.until(key, now);
  if (held !== undefined) return { requeueAt: held };
  const agreed = contractNamed(read, receiver.contract);
  if (agreed === 'NotReadable') return { requeueAt: new Date(now.getTime() + UNKNOWN_MS) };
  const before = begun(object.status, clock.now());
  // Who has lost the Lease cannot write, and so sends nothing.
  await status(before);
  const outcome = await sender.send(object, agreed);
  note(outcome, key, holds, clock);
  if (outcome.is !== 'Taken') log.warn({ way: receiver.way, tries: before.tries }, `notice not sent: ${outcome.says}`);
  const after = ended(before, outcome, clock.now());
  await status(after);
  return { requeueAt: after.nextTryAt === undefined ? undefined : new Date(after.nextTryAt) };
}

function note(outcome: Outcome, key: string, holds: Holds, clock: Clock): void {
  if (outcome.is === 'Failed' && outcome.holds === true) holds.failed(key, clock.now(), outcome.retryAfterMs);
  if (outcome.is !== 'Failed') holds.worked(key);
}

function contractNamed(read: Reader, name: string | undefined) {
  if (name === undefined) return undefined;
  if (!read.available(contract)) return 'NotReadable';
  return namedContract(read.get(contract, { namespace: '', name }));
}

function isLastAndOpen(object: Written, read: Reader): boolean {
  const notices = read.byIndex<Written>(notice, TOPIC_INDEX, topicOfReceiver(object.spec));
  const openings = notices.filter(({ spec }) => spec.action === 'Opened');
  const isLast = openings.every(({ spec }) => spec.at <= object.spec.at);
  return object.spec.action === 'Opened' && isLast && isOpen(notices);
}
