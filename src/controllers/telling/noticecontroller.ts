import { contract } from '../../api/contract.ts';
import { type Notice, NoticeSpec, notice } from '../../api/notice.ts';
import { readable } from '../../domain/contract/readable.ts';
import { bundleKey, bundleOf } from '../../domain/telling/bundle.ts';
import { begun, decide, ended, givenUp, type Outcome, toldBy } from '../../domain/telling/delivery.ts';
import { isOpen, topicOfReceiver } from '../../domain/telling/notices.ts';
import { receiverKey } from '../../domain/telling/receivers.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { isConflict, isNotFound } from '../../runtime/api/errors.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { replaceUncached } from '../../runtime/http/uncached.ts';
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
/** When who waits for another to speak for him looks again. */
const BUNDLED_MS = 15_000;
/** Written at once when they are told. */
const WRITTEN_AT_ONCE = 16;
const BUNDLE_INDEX = 'bundle';

export type NoticeParts = {
  readonly namespace: string;
  readonly transport: Transport;
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
    indexes: {
      [TOPIC_INDEX]: object => topicsOf(object, parts.namespace),
      [BUNDLE_INDEX]: object => bundlesOf(object, parts.namespace),
    },
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
  { sender, holds, clock, transport }: NoticeParts,
): Promise<Result | undefined> {
  const { receiver } = object.spec;
  const key = receiver.way === 'Mail' ? 'the mail server' : receiverKey(receiver);
  const held = holds.until(key, now);
  if (held !== undefined) return { requeueAt: held };
  const agreed = contractNamed(read, receiver.contract);
  if (agreed === 'NotReadable') return { requeueAt: new Date(now.getTime() + UNKNOWN_MS) };
  const bundle = bundleOf(object, read.byIndex<Written>(notice, BUNDLE_INDEX, bundleKey(object)), now);
  if (bundle === 'OfAnother') return { requeueAt: new Date(now.getTime() + BUNDLED_MS) };
  const others = bundle === 'Alone' ? [] : (bundle.with as readonly Written[]);
  const before = begun(object.status, clock.now());
  // Who has lost the Lease cannot write, and so sends nothing.
  await status(before);
  const outcome = await sender.send(object, agreed, others);
  note(outcome, key, holds, clock);
  if (outcome.is !== 'Taken') log.warn({ way: receiver.way, tries: before.tries }, `notice not sent: ${outcome.says}`);
  if (outcome.is === 'Taken') await tellOf(others, object.metadata.name, transport, clock);
  const after = ended(before, outcome, clock.now());
  await status(after);
  return { requeueAt: after.nextTryAt === undefined ? undefined : new Date(after.nextTryAt) };
}

/** One that has changed meanwhile, or cannot be written, is told once more: better than never. */
async function tellOf(others: readonly Written[], speaker: string, transport: Transport, clock: Clock): Promise<void> {
  for (let first = 0; first < others.length; first += WRITTEN_AT_ONCE) {
    const together = others.slice(first, first + WRITTEN_AT_ONCE);
    const writes = together.map(each => {
      const status = toldBy(each.status, speaker, clock.now());
      return replaceUncached(transport, notice, { ...each, status }, 'status').catch((error: unknown) => {
        if (!isConflict(error) && !isNotFound(error)) throw error;
      });
    });
    await Promise.all(writes);
  }
}

function bundlesOf(object: KubeObject, namespace: string): string[] {
  const isOurs = object.metadata.namespace === namespace && readable(NoticeSpec, object.spec).spec !== undefined;
  const key = isOurs ? bundleKey(object as Written) : '';
  return key === '' ? [] : [key];
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
