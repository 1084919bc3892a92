import type { Facts, RecordedAs, RecordedEntry } from './history.ts';
import { History } from './history.ts';

export const LEVEL = 'AdvancedMonitoringAndPatching';

export const vmNamed = (name: string, uid = `uid-${name}`): RecordedAs => ({
  ...{ kind: 'ManagedVM', namespace: 'acme', name, uid },
});

/** Records of several streams, written as the record writer would: differences only. */
export class Written {
  readonly entries: RecordedEntry[] = [];
  readonly #facts = new Map<string, Facts>();
  readonly #sequence = new Map<string, number>();

  add(
    stream: string,
    at: string,
    what: string,
    object?: RecordedAs,
    sides: Partial<Pick<RecordedEntry, 'before' | 'after'>> = {},
  ) {
    const sequence = (this.#sequence.get(stream) ?? 0) + 1;
    this.#sequence.set(stream, sequence);
    this.entries.push({ stream, sequence, at, what, ...(object && { object }), ...sides });
    return this;
  }

  /** The object is so from then on, in a stream. */
  is(stream: string, at: string, object: RecordedAs, facts: Facts) {
    const key = `${stream} ${object.uid}`;
    const before = this.#facts.get(key);
    this.#facts.set(key, facts);
    if (before === undefined) return this.add(stream, at, 'Appeared', object, { after: facts });
    const differs = (name: string) => JSON.stringify(before[name]) !== JSON.stringify(facts[name]);
    const side = (of: Facts) => Object.fromEntries(Object.entries(of).filter(([name]) => differs(name)));
    return this.add(stream, at, 'Changed', object, { before: side(before), after: side(facts) });
  }

  gone(stream: string, at: string, object: RecordedAs, what: 'Gone' | 'Moved' = 'Gone') {
    this.#facts.delete(`${stream} ${object.uid}`);
    return this.add(stream, at, what, object);
  }

  get history(): History {
    const history = new History();
    for (const entry of this.entries) history.take(entry);
    return history;
  }
}

export const pricesOf = (perMonth: string, more: Facts = {}): Facts => ({
  'spec.serviceLevel': LEVEL,
  'spec.prices.currency': 'EUR',
  'spec.prices.perMonth': perMonth,
  'spec.prices.billWhenStopped': true,
  'spec.prices.effortPerHour': '120.00',
  'status.revision': `sha256:${perMonth}`,
  ...more,
});

export const plan = (name: string): RecordedAs => ({ kind: 'ServicePlan', name, uid: `uid-plan-${name}` });
export const customer = (name: string): RecordedAs => ({ kind: 'Contract', name, uid: `uid-contract-${name}` });

/** The contract acme in Berlin, with a plan of 49.00 at the highest level and one of 19.00 at Admin, since 2026. */
export function acme(more: { readonly plans?: Facts; readonly prices?: Facts } = {}): Written {
  return new Written()
    .is('cluster', '2026-01-01T00:00:00Z', plan('advanced-2026'), pricesOf('49.00', more.prices))
    .is('cluster', '2026-01-01T00:00:00Z', plan('admin-2026'), pricesOf('19.00', { 'spec.serviceLevel': 'Admin' }))
    .is('contract-acme', '2026-01-01T00:00:00Z', customer('acme'), {
      ...{ 'spec.billingId': '10042', 'spec.timeZone': 'Europe/Berlin' },
      [`spec.plans.${LEVEL}.2026-01-01`]: 'advanced-2026',
      'spec.plans.Admin.2026-01-01': 'admin-2026',
      [`status.plans.${LEVEL}.2026-01-01`]: { plan: 'advanced-2026', revision: 'sha256:49.00' },
      ...more.plans,
    });
}

export const running = (more: Facts = {}): Facts => ({
  ...{ 'spec.serviceLevel': LEVEL, 'spec.powerState': 'Running', 'condition.Provisioned': 'True Provisioned', ...more },
});
