import { ServicePlanSpec } from '../../api/serviceplan.ts';

type Fields = Readonly<Record<string, unknown>>;

const target = (response: string, resolution: string) => ({ response, resolution });

/** The plan of design 11, with a last priority. */
export function planSpec(spec: Fields = {}): ServicePlanSpec {
  return ServicePlanSpec.parse({
    serviceLevel: 'AdvancedMonitoringAndPatching',
    validFrom: '2026-01-01',
    calendarRef: 'lower-saxony',
    availability: { target: '99.9' },
    incidents: {
      priorities: { P1: target('30m', '4h'), P2: target('1h', '8h'), P3: target('4h', '24h'), P4: target('8h', '72h') },
    },
    patching: { deadlines: { Critical: '72h', Important: '336h', Other: '720h' } },
    backup: { recoveryPointObjective: '26h', recoveryTimeObjective: '4h' },
    prices: {
      ...{ currency: 'EUR', perMonth: '49.00', effortPerHour: '120.00' },
      onDemand: [
        { service: 'PatchRun', price: '25.00' },
        { service: 'Restore', price: '60.00' },
      ],
    },
    ...spec,
  });
}
