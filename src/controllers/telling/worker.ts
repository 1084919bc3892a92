import type { Logger } from 'pino';
import { systemClock } from '../../runtime/api/clock.ts';
import type { Connection } from '../../runtime/http/connection.ts';
import { type Intercept, Transport } from '../../runtime/http/transport.ts';
import type { OpenRegistry } from '../../runtime/observe/registry.ts';
import { type Operator, startOperator } from '../../runtime/operator.ts';
import { MARKS } from '../whose.ts';
import { NoticeBook, registerTellerMetrics } from './book.ts';
import { Holds } from './holds.ts';
import { newsController } from './newscontroller.ts';
import { noticeController } from './noticecontroller.ts';
import { Sender } from './sender.ts';
import type { TellerSettings } from './settings.ts';
import { NEWS_SOURCES } from './sources.ts';

const NAME = 'steward-tell';

/** The teller: of its replicas one leads, watches what is news, writes notices of it and sends them. */
export async function startTeller(
  settings: TellerSettings,
  parts: {
    readonly connection: Connection;
    readonly log: Logger;
    readonly registry: OpenRegistry;
    /** Fault injection at the edge, for tests. */
    readonly intercept?: Intercept;
  },
): Promise<Operator> {
  const { connection, log, registry, intercept } = parts;
  const { tellNamespace: namespace, watchNamespaces, identity } = settings;
  const clock = systemClock;
  const transport = new Transport({ connection, userAgent: NAME, clock, intercept });
  const sender = new Sender(settings, () => clock.now());
  const book = new NoticeBook();
  registerTellerMetrics(registry, book, () => clock.now());
  const { side } = sender;
  const operator = await startOperator({
    ...{ connection, name: MARKS.manager, fieldManager: NAME, prefix: MARKS.prefix, userAgent: NAME, log, registry },
    ...(intercept === undefined ? {} : { intercept }),
    namespaces: watchNamespaces.length === 0 ? [] : [...new Set([...watchNamespaces, namespace])],
    lease: { namespace, name: NAME, identity },
    controllers: [
      ...NEWS_SOURCES.map(source => newsController(source, { transport, namespace, side })),
      noticeController({ namespace, transport, sender, holds: new Holds(), book, clock }),
    ],
  });
  transport.setWriteGate(() => operator.leading());
  const stopped = operator.stopped.then(async error => {
    await transport.close();
    return error;
  });
  return { ...operator, stopped };
}
