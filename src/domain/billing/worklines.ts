/** Lines for what was done: services on demand at their price, and work by effort (GE-2, GE-3). */
import { secondsOf } from '../../api/duration.ts';
import { dayIn } from '../time/day.ts';
import type { Made, Making } from './feelines.ts';
import { beginOf, type Facts, lastState, part, type RecordedAs, type Stay, stateAt, textOf } from './history.ts';
import { type Draft, type Item, lineOf } from './line.ts';
import { centsOf, type Fraction } from './money.ts';
import { spanOf } from './month.ts';
import type { PriceList } from './terms.ts';

/** Work that is over. */
type Work = {
  readonly stay: Stay;
  /** When its end was recorded: what is booked late is billed in the month in which it was booked. */
  readonly over: number;
  readonly sequence: number;
  /** When it was ordered, or begun: the price list of that day applies. */
  readonly ordered: number;
  readonly subject: RecordedAs;
  readonly facts: Facts;
};

const ONCE: Fraction = { numerator: 1n, denominator: 1n };
const AN_HOUR = 3600n;

/** A service with a price of its own costs that, once it has succeeded, and no effort besides; every other costs the effort that was booked on its change. */
export function workLines(making: Making): Made {
  const requests = worksOf(making, 'ServiceRequest', isDone, 'spec.target');
  const priced = new Set<unknown>();
  const made = requests.map(work => {
    const list = listFor(making, work);
    const service = textOf(work.facts, 'spec.service') ?? '';
    const price = typeof list === 'string' ? undefined : list.prices.onDemand.find(each => each.service === service);
    if (price === undefined || typeof list === 'string') return undefined;
    priced.add(part(work.facts, 'status.change.uid'));
    const isDue = textOf(work.facts, 'condition.Done') === 'True Succeeded';
    return isDue && isInMonth(making, work) ? onDemand(making, work, service, list, centsOf(price.price)) : undefined;
  });
  const changes = worksOf(making, 'ChangeRequest', isDone, 'spec.target')
    .filter(({ stay }) => !priced.has(stay.object.uid))
    .map(work => byEffort(making, work, 'spec.result.effort'));
  const incidents = worksOf(making, 'Incident', isClosed, 'spec.subject')
    .filter(({ facts }) => textOf(facts, 'spec.rating.billing') !== 'Included')
    .map(work => byEffort(making, work, 'spec.handling.resolution.effort'));
  const all = [...made, ...changes, ...incidents].filter(each => each !== undefined);
  return { lines: all.flatMap(({ lines }) => lines), open: all.flatMap(({ open }) => open) };
}

const isDone = (facts: Facts) => textOf(facts, 'condition.Done')?.startsWith('True ') === true;
const isClosed = (facts: Facts) => textOf(facts, 'status.phase') === 'Closed';

/** Of a record the first end counts, and what was said of it last. */
function worksOf({ history, contract }: Making, kind: string, isOver: (facts: Facts) => boolean, of: string): Work[] {
  return firstOfEach(history.staysOf(kind)).flatMap(stay => {
    const ended = stay.states.find(({ facts }) => isOver(facts));
    if (ended === undefined || stay.stream !== contract.stream) return [];
    const facts = lastState(stay);
    const { object } = stay;
    const told = (name: string) => textOf(facts, `${of}.${name}`);
    const subject = {
      kind: told('kind') ?? '',
      namespace: object.namespace,
      name: told('name') ?? '',
      uid: told('uid') ?? '',
    };
    return [{ stay, over: ended.at, sequence: ended.sequence, ordered: beginOf(stay), subject, facts }];
  });
}

/** A record that moves with its namespace to another contract was ended in one of them: that one bills it. */
function firstOfEach(stays: readonly Stay[]): readonly Stay[] {
  const over = ({ states }: Stay) => states.some(({ facts }) => isDone(facts) || isClosed(facts));
  return [...Map.groupBy(stays, ({ object }) => object.uid).values()].flatMap(own => own.find(over) ?? []);
}

function isInMonth({ month }: Making, { over }: Work): boolean {
  const { begins, ends } = spanOf(month);
  return begins <= over && over < ends;
}

function onDemand(making: Making, work: Work, service: string, list: PriceList, rate: bigint): Made {
  const item = itemOf(work, service);
  return {
    lines: [lineOf({ ...drafted(making, work, 'OnDemand', item), quantity: ONCE, unit: 'Times', rate, list })],
    open: [],
  };
}

function byEffort(making: Making, work: Work, name: string): Made | undefined {
  if (!isInMonth(making, work)) return undefined;
  const effort = part(work.facts, name);
  const item = itemOf(work);
  const open = (why: string): Made => ({ lines: [], open: [{ subject: work.subject, item, why }] });
  if (effort === 'Hidden')
    return open('its effort is told by a hash in the record, which was made by an earlier version');
  if (typeof effort !== 'string') return undefined;
  if (work.stay.object.kind === 'Incident' && textOf(work.facts, 'spec.rating.billing') !== 'ByEffort')
    return open('effort is booked on it, and whether it is billed by effort is not in the record');
  const list = listFor(making, work);
  if (typeof list === 'string') return open(list);
  const quantity = { numerator: BigInt(secondsOf(effort)), denominator: AN_HOUR };
  const rate = centsOf(list.prices.effortPerHour);
  return {
    lines: [lineOf({ ...drafted(making, work, 'Effort', item), quantity, unit: 'Hours', rate, list })],
    open: [],
  };
}

function itemOf({ stay: { object } }: Work, service?: string): Item {
  return { kind: service ?? object.kind, name: object.name, uid: object.uid };
}

function drafted({ contract, month }: Making, { stay, sequence, subject }: Work, kind: Draft['kind'], item: Item) {
  const { name, billingId } = contract;
  const records = [stay.states[0]?.sequence ?? sequence, sequence];
  return { kind, contract: name, billingId, month: month.name, subject, item, records: [...new Set(records)] };
}

/** The price list of the level that the system had when the work was ordered; a text says why there is none. */
function listFor(making: Making, { subject, ordered, stay }: Work): PriceList | string {
  const { history, contract, lists } = making;
  const vm = subject.kind === 'ManagedApplication' ? vmOf(making, subject, ordered) : subject;
  const isIt = ({ object }: Stay) =>
    vm?.uid ? object.uid === vm.uid : object.namespace === subject.namespace && object.name === vm?.name;
  const system = history
    .staysOf('ManagedVM')
    .filter(each => each.stream === contract.stream && isIt(each))
    .findLast((each, index) => beginOf(each) <= ordered || index === 0);
  if (system === undefined) return `${subject.kind} ${subject.name} is not in the records of the contract`;
  const level = textOf(stateAt(system, ordered), 'spec.serviceLevel') ?? '';
  const { list, missing } = lists.on(contract, level, dayIn(contract.timeZone, new Date(beginOf(stay))));
  return list ?? missing;
}

function vmOf({ history }: Making, subject: RecordedAs, at: number): { uid?: string; name: string } | undefined {
  const own = history
    .staysOf('ManagedApplication')
    .filter(({ object }) => object.namespace === subject.namespace && object.name === subject.name)
    .findLast((each, index) => beginOf(each) <= at || index === 0);
  const vms = own && stateAt(own, at)['spec.managedVMs'];
  return Array.isArray(vms) && typeof vms[0] === 'string' ? { name: vms[0] } : undefined;
}
