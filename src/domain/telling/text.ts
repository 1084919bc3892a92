/** A notice as a person reads it: a title of one line, and plain text. No markup, whatever reads it. */
import type { FactName, NoticeSpec } from '../../api/notice.ts';
import type { Language } from '../../api/telling.ts';
import { cut } from '../contract/excerpt.ts';
import { at } from '../contract/json.ts';
import { type Known, WORDS } from './words.ts';

/** ServiceNow takes 160 characters for a short description. */
export const TITLE_LENGTH = 150;

/** Facts whose values are instants. */
const INSTANTS: ReadonlySet<FactName> = new Set(['opensAt', 'closesAt', 'since', 'decideBy', 'respondBy', 'resolveBy']);
/** Facts whose values are names of ours, which every language has its own word for. */
const NAMES: ReadonlySet<FactName> = new Set(['party', 'step', 'clock']);

export type Text = { readonly title: string; readonly body: string };

/** `provider`: what he is called. `id`: what the notice is called. */
export function textOf(spec: NoticeSpec, provider: string, id: string): Text {
  const { facts, contract, receiver } = spec;
  const words = WORDS[receiver.language];
  const told = facts.map(({ name, value }) => ({ name, value: valueIn(receiver, name, value) }));
  const known: Known = {
    fact: name => told.find(each => each.name === name)?.value ?? '',
    key: keyOf(spec),
    name: `${spec.subject.name} -n ${spec.subject.namespace}`,
  };
  const { title, lead, act } = words.news[spec.news];
  const sentence = lead(known);
  const body = [
    `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`,
    [`${spec.subject.kind}: ${known.key}`, ...told.map(({ name, value }) => `${words.facts[name]}: ${value}`)].join(
      '\n',
    ),
    act(known),
    `-- \n${words.footer(provider, receiver.contract === undefined ? '' : (contract ?? ''), id)}`,
  ];
  return { title: cut(title(known), TITLE_LENGTH), body: `${body.join('\n\n')}\n` };
}

/** `namespace/name`: what the customer calls it. */
export function keyOf({ subject }: Pick<NoticeSpec, 'subject'>): string {
  return `${subject.namespace}/${subject.name}`;
}

function valueIn(receiver: NoticeSpec['receiver'], name: FactName, value: string): string {
  if (INSTANTS.has(name)) return timeIn(receiver.language, receiver.timeZone, value);
  if (!NAMES.has(name)) return value;
  const word = at(WORDS[receiver.language].values, value);
  return typeof word === 'string' ? word : value;
}

/** With zone and offset: an hour that clocks have twice is told apart. What is no instant stays as it is. */
export function timeIn(language: Language, timeZone: string, text: string): string {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) return text;
  const time = Temporal.Instant.fromEpochMilliseconds(milliseconds).toZonedDateTimeISO(timeZone);
  const two = (number: number) => String(number).padStart(2, '0');
  const [day, clock] = [
    [String(time.year), two(time.month), two(time.day)],
    [two(time.hour), two(time.minute)],
  ];
  const date = language === 'de' ? day.toReversed().join('.') : day.join('-');
  const hour = language === 'de' ? `${clock.join(':')} Uhr` : clock.join(':');
  return `${date} ${hour} (${timeZone}, UTC${time.offset})`;
}
