import { Gauge, type Registry } from 'prom-client';
import type { Notice, NoticePhase } from '../../api/notice.ts';
import type { KubeObject } from '../../runtime/api/object.ts';

const WAYS = ['Mail', 'Webhook'] as const;
const PHASES: readonly NoticePhase[] = ['Waiting', 'Sending', 'Sent', 'Dead'];

type Entry = { readonly way: string; readonly phase: NoticePhase; readonly writtenAt: number };

/** What there is of notices, for metrics. */
export class NoticeBook {
  readonly #entries = new Map<string, Entry>();

  seen({ metadata, spec, status }: Notice & KubeObject): void {
    const { uid = '' } = metadata;
    const [way, writtenAt] = [String(spec?.receiver?.way), Date.parse(String(spec?.writtenAt))];
    this.#entries.set(uid, { way, phase: status?.phase ?? 'Waiting', writtenAt });
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  count(way: string, phase: NoticePhase): number {
    return [...this.#entries.values()].filter(each => each.way === way && each.phase === phase).length;
  }

  /** Seconds since the oldest was written that is neither sent nor dead; 0: there is none. */
  oldestWaiting(way: string, now: Date): number {
    const open = [...this.#entries.values()].filter(each => each.way === way && isOpen(each));
    const oldest = Math.min(...open.map(({ writtenAt }) => writtenAt).filter(time => !Number.isNaN(time)));
    return Number.isFinite(oldest) ? Math.max(0, (now.getTime() - oldest) / 1_000) : 0;
  }
}

function isOpen({ phase }: Entry): boolean {
  return phase === 'Waiting' || phase === 'Sending';
}

/** What the teller tells of its own work. */
export function registerTellerMetrics(registry: Registry, book: NoticeBook, now: () => Date): void {
  const registers = [registry];
  new Gauge({
    ...{ name: 'steward_notices', help: 'Notices by what became of them', registers },
    labelNames: ['way', 'phase'],
    collect() {
      for (const way of WAYS) for (const phase of PHASES) this.set({ way, phase }, book.count(way, phase));
    },
  });
  new Gauge({
    ...{ name: 'steward_notice_oldest_waiting_seconds', registers },
    help: 'Seconds since the oldest notice was written that is neither sent nor given up; 0: none waits',
    labelNames: ['way'],
    collect() {
      for (const way of WAYS) this.set({ way }, book.oldestWaiting(way, now()));
    },
  });
}
