/** What a provider has agreed on with the customer of a namespace. */
import { kubectlWith } from './guests.ts';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** When the service is worked on. */
export type Hours = { readonly timeZone: string; readonly coreHours: readonly object[] };

export const ALWAYS: Hours = { timeZone: 'UTC', coreHours: [{ days: DAYS, from: '00:00', to: '24:00' }] };

/** From an instant on, to the minute: in a zone in which it is about noon, so that no core hours cross a midnight. */
export function opensAt(from: Date): Hours {
  const ahead = 12 - from.getUTCHours();
  const timeZone = ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? `-${ahead}` : `+${-ahead}`}`;
  const opens = `12:${String(from.getUTCMinutes()).padStart(2, '0')}`;
  return { timeZone, coreHours: [{ days: DAYS, from: opens, to: '24:00' }] };
}

/** The calendar of a level that was agreed on in a namespace. */
export function calendarOf(namespace: string, level: string): string {
  return `${namespace}-${level.toLowerCase()}`;
}

/** A contract for the namespace: each of these levels in its hours, by a plan that promises times. */
export async function agree(
  namespace: string,
  levels: readonly (readonly [level: string, hours: Hours])[],
): Promise<void> {
  for (const [level, hours] of levels) {
    const name = calendarOf(namespace, level);
    await make('ServiceCalendar', name, hours);
    await make('ServicePlan', name, planOf(level, name));
  }
  await make('Contract', namespace, {
    ...{ customer: 'Incidents GmbH', namespaces: [namespace], language: 'de', timeZone: 'Europe/Berlin' },
    ...{
      billingId: '4711',
      contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver', 'Technical'] }],
    },
    plans: levels.map(([level]) => ({ level, plan: calendarOf(namespace, level), from: '2026-01-01' })),
  });
}

async function make(kind: string, name: string, spec: object): Promise<void> {
  const object = { apiVersion: 'managed.systems/v1alpha1', kind, metadata: { name }, spec };
  await kubectlWith(['create', '--filename', '-'], object);
}

function planOf(serviceLevel: string, calendarRef: string): object {
  return {
    ...{ serviceLevel, validFrom: '2026-01-01', calendarRef, availability: { target: '99.5' } },
    incidents: {
      priorities: {
        P1: { response: '30m', resolution: '4h' },
        P2: { response: '1h', resolution: '8h' },
        P3: { response: '4h', resolution: '24h' },
        P4: { response: '8h', resolution: '48h' },
      },
    },
    patching: { deadlines: { Critical: '72h', Important: '336h', Other: '720h' } },
    prices: { currency: 'EUR', perMonth: '35.00', effortPerHour: '120.00' },
  };
}
