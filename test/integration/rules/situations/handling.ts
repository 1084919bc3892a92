/** Alerts on how incidents and Problems are handled. Due after ten minutes. */
import { constant, type Situation, SPAN, series } from './world.ts';

const due = (clock: string, priority = 'P2', pod = 'steward-0') =>
  `steward_incident_due_timestamp_seconds{namespace="acme",priority="${priority}",clock="${clock}",pod="${pod}"}`;

const late = (alert: string, clock: string, other: string): readonly Situation[] => [
  {
    name: `MO-6: a ${clock} time that has been over for more than a minute`,
    alert,
    world: { [due(clock)]: constant(600) },
    minute: 12,
    fires: [{ namespace: 'acme', priority: 'P2' }],
  },
  {
    name: `a ${clock} time that is not over yet`,
    alert,
    world: { [due(clock)]: constant(600) },
    minute: 10,
    fires: [],
  },
  {
    name: 'two priorities, told by two replicas',
    alert,
    world: {
      [due(clock)]: constant(600),
      [due(clock, 'P2', 'steward-1')]: constant(660),
      [due(clock, 'P1')]: constant(300),
    },
    minute: 15,
    fires: [
      { namespace: 'acme', priority: 'P1' },
      { namespace: 'acme', priority: 'P2' },
    ],
  },
  {
    name: 'what was done late, and is done',
    alert,
    world: { [due(clock)]: `600x14 _x${SPAN}` },
    minute: 25,
    fires: [],
  },
  { name: `the ${other} time alone`, alert, world: { [due(other)]: constant(600) }, minute: 60, fires: [] },
  {
    name: 'an incident that waits for the customer, whose clock has no end',
    alert,
    world: { 'steward_incident_open{namespace="acme",priority="P2",phase="WaitingForCustomer"}': constant(1) },
    minute: 60,
    fires: [],
  },
];

const solved = (reason: string) => series.condition('Solved', 'False', reason, 'Problem', 'prb-1');

export const handlingSituations: readonly Situation[] = [
  ...late('IncidentNotTakenUp', 'response', 'resolution'),
  ...late('IncidentNotResolved', 'resolution', 'response'),
  {
    name: 'MO-15: a remedy that did not hold',
    alert: 'ProblemCameBack',
    world: { [solved('CameBack')]: constant(1) },
    minute: 5,
    fires: [{ namespace: 'acme', name: 'prb-1' }],
  },
  {
    name: 'a remedy that is on proof',
    alert: 'ProblemCameBack',
    world: { [solved('RemedyOnProof')]: constant(1) },
    minute: 60,
    fires: [],
  },
];
