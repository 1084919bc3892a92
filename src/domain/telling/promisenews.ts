import type { KubeObject } from '../../runtime/api/object.ts';
import { listAt, textAt, timeAt } from '../contract/json.ts';
import { fact, NO_TIDINGS, newsOf, subjectOf, type Tidings } from './news.ts';

/** A breach that mends itself sooner is in the records; nobody is woken by it. */
export const HOLD_MS = 10 * 60_000;

/** That the promises to a system or application are not kept, and that they are again (GE-4): its condition SLACompliant. */
export function promiseNews(object: KubeObject, now: Date): Tidings {
  const subject = subjectOf(object);
  const condition = listAt(object, 'status', 'conditions').find(each => textAt(each, 'type') === 'SLACompliant');
  const since = timeAt(condition, 'lastTransitionTime');
  const status = textAt(condition, 'status');
  if (subject === undefined || since === undefined || object.metadata.deletionTimestamp !== undefined)
    return NO_TIDINGS;
  if (status !== 'False' && status !== 'True') return NO_TIDINGS;
  const broken = status === 'False';
  const at = new Date(since.getTime() + HOLD_MS);
  const news = newsOf({
    ...{ subject, matter: 'SLACompliant', roles: ['Technical'], at, occasion: since.toISOString() },
    ...(broken
      ? { kind: 'PromiseBroken', action: 'Opened', severity: 'Warning' }
      : { kind: 'PromiseKept', action: 'Ended', severity: 'Info' }),
    facts: [
      fact('system', `${subject.kind} ${subject.name}`),
      fact('since', since),
      fact('message', textAt(condition, 'message')),
    ],
  });
  return { news: [news], nextEdge: at > now ? at : undefined };
}
