import { ContractSpec, contract } from '../../api/contract.ts';
import { type Notice, notice } from '../../api/notice.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { holderOf } from '../../domain/contract/customer.ts';
import { at, textAt } from '../../domain/contract/json.ts';
import type { Tidings } from '../../domain/telling/news.ts';
import { nextHours, noticesToWrite, topicOfReceiver } from '../../domain/telling/notices.ts';
import { type NamedContract, type ProviderSide, receiversOf } from '../../domain/telling/receivers.ts';
import { isAlreadyExists } from '../../runtime/api/errors.ts';
import { type KubeObject, keyOf, type ResourceKind } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { createUncached } from '../../runtime/http/uncached.ts';
import {
  type ControllerDefinition,
  defineController,
  type Reader,
  type WatchedKind,
} from '../../runtime/pass/controller.ts';
import { namespacesOf, readOnce } from '../contracts.ts';

const NAMESPACE_INDEX = 'claimants';
export const TOPIC_INDEX = 'topic';
/** Where it cannot be read whose a namespace is. */
const UNKNOWN_MS = 30_000;

/** A kind whose objects have news. */
export type NewsSource = {
  readonly name: string;
  readonly kind: ResourceKind;
  readonly news: (object: KubeObject, read: Reader, now: Date) => Tidings;
  /** What else it looks at. */
  readonly watches?: readonly WatchedKind[];
};

export type NewsParts = {
  readonly transport: Transport;
  readonly namespace: string;
  readonly side: ProviderSide;
};

/** Writes a notice of each news of an object for each who is to be told, once: whoever writes it again finds that it exists. */
export function newsController(source: NewsSource, parts: NewsParts): ControllerDefinition<KubeObject> {
  const { transport, namespace, side } = parts;
  return defineController<KubeObject>({
    ...{ name: `tell-${source.name}`, kind: source.kind, owns: [] },
    watches: [contractsOf(source.kind), noticesOf(namespace, source.kind), ...(source.watches ?? [])],
    reconcile: async ({ object, read, now, log }) => {
      const { news, nextEdge } = source.news(object, read, now);
      if (news.length === 0) return { requeueAt: nextEdge };
      const agreed = contractHolding(read, object.metadata.namespace ?? '');
      if (agreed === 'NotReadable') {
        log.debug('nobody is told: it cannot be read which Contract the namespace belongs to');
        return { requeueAt: new Date(now.getTime() + UNKNOWN_MS) };
      }
      const notices = noticesToWrite({
        ...{ news, namespace, now, contract: agreed?.name },
        receivers: each => receiversOf(each, agreed, side, now),
        exists: name => read.get(notice, { namespace, name }) !== undefined,
        told: topic => read.byIndex<Notice & KubeObject>(notice, TOPIC_INDEX, topic),
      });
      for (const each of notices) await write(transport, each);
      return { requeueAt: earliest(nextEdge, nextHours(news, now)) };
    },
  });
}

async function write(transport: Transport, wanted: Notice & KubeObject): Promise<void> {
  try {
    await createUncached(transport, notice, wanted);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Notices by what they are about and whom they tell; in the one namespace where the teller writes them. */
export function topicsOf({ metadata, spec }: KubeObject, namespace: string): string[] {
  const { topic, receiver } = (spec ?? {}) as Partial<Notice['spec']>;
  const isOurs = metadata.namespace === namespace && topic !== undefined && receiver !== undefined;
  return isOurs ? [topicOfReceiver({ topic, receiver })] : [];
}

/** A notice that somebody has deleted is written anew while its news is current: so a dead one is told once more. */
function noticesOf(namespace: string, { kind }: ResourceKind): WatchedKind {
  return {
    kind: notice,
    indexes: { [TOPIC_INDEX]: object => topicsOf(object, namespace) },
    part: ({ metadata }) => metadata.uid,
    toKeys: ({ spec }) => {
      const subject = at(spec, 'subject');
      const [of, inNamespace, name] = ['kind', 'namespace', 'name'].map(field => textAt(subject, field));
      return of === kind && inNamespace && name ? [{ namespace: inNamespace, name }] : [];
    },
  };
}

/** Who is told changes with the Contract of the namespace. */
function contractsOf(kind: ResourceKind): WatchedKind {
  return {
    kind: contract,
    indexes: { [NAMESPACE_INDEX]: namespacesOf },
    part: ({ spec }) => spec,
    toKeys: (object, read) => namespacesOf(object).flatMap(namespace => read.list(kind, { namespace }).map(keyOf)),
  };
}

const agreedIn = readOnce(ContractSpec);

/** The Contract whose a namespace is; undefined: there is none. What cannot be read is not the same. */
export function contractHolding(read: Reader, namespace: string): NamedContract | undefined | 'NotReadable' {
  if (!read.available(contract)) return 'NotReadable';
  return namedContract(holderOf(read.byIndex(contract, NAMESPACE_INDEX, namespace)));
}

export function namedContract(found: KubeObject | undefined): NamedContract | undefined | 'NotReadable' {
  if (found === undefined) return undefined;
  const { spec } = agreedIn(found.spec);
  return spec === undefined ? 'NotReadable' : { name: found.metadata.name, spec };
}
