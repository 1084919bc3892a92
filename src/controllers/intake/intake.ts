import type { Logger } from 'pino';
import type { Incident } from '../../api/incident.ts';
import { isUnproven } from '../../domain/intake/doubt.ts';
import { nameOfVM, restsOnGuest, speaks } from '../../domain/intake/hearing.ts';
import { type Act, actOn, alertsOf, overAt, type Proven } from '../../domain/intake/merging.ts';
import { isWatched, type OwnRule, type OwnRuleSettings, OwnRules, type Subject } from '../../domain/intake/ownrules.ts';
import { type Named, namedBy, type Pointer } from '../../domain/intake/pointer.ts';
import {
  alertsOfSeries,
  type Doubtful,
  findHeld,
  type Held,
  sensorSays,
  stillHolds,
  type UidOf,
  type Unproven,
} from '../../domain/intake/proof.ts';
import type { SeenRule } from '../../domain/intake/seenrules.ts';
import { isStorm, type Opened, withOpened } from '../../domain/intake/storm.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { isAlreadyExists, isForbidden } from '../../runtime/api/errors.ts';
import type { Doubts } from './doubts.ts';
import type { Evidence } from './evidence.ts';
import { inTurns } from './inturns.ts';
import type { Stock } from './stock.ts';
import type { Tally } from './tally.ts';

/** Questions to Prometheus, and writes to the API server, at once. */
const QUESTIONS = 4;
const WRITES = 16;

export type IntakeParts = {
  readonly stock: Stock;
  readonly evidence: Evidence;
  readonly rules: OwnRuleSettings;
  readonly names: ReadonlySet<string>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tally: Tally;
  /** Absent: what is not proven is counted only. */
  readonly doubts?: Doubts;
};

/** An alert whose subject there is, with the rules of ours that may have raised it. */
type Case = {
  readonly pointer: Pointer;
  readonly named: Named;
  readonly subject: Subject & { readonly uid: string };
  readonly own: readonly OwnRule[];
};

/** What is known of the rules behind some cases. */
type Known = { readonly seen: readonly SeenRule[]; readonly uidOf: UidOf };

/** Turns alerts into incidents: proves each, and writes what is new. One at a time works on a batch; all of it may be done again. */
export class Intake {
  readonly #parts: IntakeParts;
  #opened: Opened = [];

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  get storm(): boolean {
    return isStorm(this.#opened, this.#parts.clock.now());
  }

  /** Resolves when everything that these alerts say is written, or known not to be proven. Throws what hindered it: then they are to be told again. */
  async settle(pointers: readonly Pointer[], signal: AbortSignal): Promise<void> {
    const cases = this.#casesOf(pointers);
    if (cases.length === 0) return;
    const known = await this.#ask(cases, signal);
    const proven = await this.#prove(
      cases.filter(({ pointer }) => pointer.firing),
      known,
      signal,
    );
    const bySubject = Map.groupBy(proven, each => each.subject.uid);
    await inTurns(bySubject.values(), WRITES, async those => {
      for (const each of those) await this.#write(each);
    });
    await this.#end(
      cases.filter(({ pointer }) => !pointer.firing),
      known,
      signal,
    );
  }

  /** Ends what no rule holds any more; `isOver` is told of each, and says whether that is to be believed already. */
  async sweep(incidents: readonly Incident[], isOver: (incident: Incident) => boolean, signal: AbortSignal) {
    const rules = new OwnRules(this.#parts.rules);
    const cases = incidents.map(incident => ({ incident, own: this.#ownOf(incident, rules) }));
    const known = await this.#ask(cases, signal);
    const gone = cases.filter(({ incident, own }) => this.#holds(incident, own, known) === false);
    await inTurns(await this.#ended(gone, signal), WRITES, async ({ incident }) => {
      if (isOver(incident)) await this.#over(incident, undefined);
    });
  }

  #casesOf(pointers: readonly Pointer[]): readonly Case[] {
    const rules = new OwnRules(this.#parts.rules);
    return pointers.flatMap(pointer => {
      const named = namedBy(pointer.labels);
      if (!this.#parts.names.has(pointer.name) || named === undefined) {
        this.#parts.tally.foreign += 1;
        return [];
      }
      const subject = this.#parts.stock.subject(named);
      if (subject === undefined) return this.#refuse(pointer, 'NoSuchSubject');
      if (!isWatched(subject)) return this.#refuse(pointer, 'NotWatched');
      const own = rules.of(subject).filter(({ alert }) => alert === pointer.name);
      return [{ pointer, named, subject: { ...subject, uid: subject.object.metadata.uid ?? '' }, own }];
    });
  }

  async #ask(cases: readonly Pick<Case, 'own'>[], signal: AbortSignal): Promise<Known> {
    const rules = cases.flatMap(({ own }) => own);
    const places = new Map(rules.map(({ place }) => [`${place.namespace}/${place.name}`, place]));
    const uids = new Map<string, string>();
    await inTurns(places, WRITES, async ([key, place]) => {
      const uid = await this.#parts.evidence.uid(place);
      if (uid !== undefined) uids.set(key, uid);
    });
    const names = new Set(rules.map(({ alert }) => alert));
    const seen = names.size === 0 ? [] : await this.#parts.evidence.rules(names, signal);
    return { seen, uidOf: ({ namespace, name }) => uids.get(`${namespace}/${name}`) };
  }

  async #prove(cases: readonly Case[], known: Known, signal: AbortSignal): Promise<readonly Proven[]> {
    const held = cases.flatMap(each => {
      const finding = findHeld(each.pointer.labels, each.named, { own: each.own, ...known });
      return 'held' in finding
        ? [{ ...each, held: finding.held }]
        : this.#doubt(each, finding.unproven, finding.message);
    });
    // Of one rule there is one expression, and one set of labels that it adds.
    const byRule = Map.groupBy(
      held,
      ({ held: { rule } }) => `${rule.place.namespace}/${rule.place.name} ${rule.alert} ${rule.expression}`,
    );
    const proven: Proven[] = [];
    const silent = new AbortController();
    const either = AbortSignal.any([signal, silent.signal]);
    await inTurns(byRule.values(), QUESTIONS, async those => {
      const [first] = those;
      if (first === undefined || either.aborted) return;
      const { rule } = first.held;
      const series = await this.#parts.evidence.series(rule.expression, either).catch((error: unknown) => {
        // Who does not answer one question answers none of a thousand.
        silent.abort();
        throw error;
      });
      const now = alertsOfSeries(rule, series);
      for (const each of those) proven.push(...this.#asked(each, now));
    });
    return proven;
  }

  #asked(each: Case & { readonly held: Held }, now: ReadonlySet<string>): Proven[] {
    const { pointer, named, subject, held } = each;
    if (!sensorSays(held, now))
      return this.#doubt(
        each,
        'SensorDenies',
        `The rule ${pointer.name} holds it, and its expression, asked again, does not.`,
      );
    this.#parts.doubts?.proven(pointer.labels);
    return [{ subject: { ...named, uid: subject.uid }, held, startsAt: pointer.startsAt }];
  }

  async #write(proven: Proven): Promise<void> {
    const { clock, tally } = this.#parts;
    const now = clock.now();
    const act = actOn(proven, this.#incidentsOf(proven.subject.uid), isStorm(this.#opened, now), now);
    await this.#carryOut(act, now);
    tally[act.act] += 1;
  }

  async #carryOut(act: Act, now: Date): Promise<void> {
    const { stock } = this.#parts;
    if (act.act === 'Signal') await stock.tell(act.incident, { signals: [...act.signals] });
    if (act.act === 'Join') await stock.tell(act.incident, { joined: act.joined });
    if (act.act !== 'Open') return;
    await stock.open(act.incident).catch((error: unknown) => {
      // What goes with its namespace needs no incident.
      if (!isAlreadyExists(error) && !isEnding(error)) throw error;
    });
    this.#opened = withOpened(this.#opened, now);
  }

  /** That an alert is over counts where the rule says so too: anybody who reaches Alertmanager can say it. */
  async #end(cases: readonly Case[], known: Known, signal: AbortSignal): Promise<void> {
    const { tally } = this.#parts;
    const rules = new OwnRules(this.#parts.rules);
    const told = cases.flatMap(({ pointer, subject }) =>
      this.#incidentsOf(subject.uid)
        .filter(each => alertsOf(each).some(({ name }) => name === pointer.name))
        .map(incident => ({ incident, own: this.#ownOf(incident, rules), endsAt: pointer.endsAt })),
    );
    const gone = told.filter(({ incident, own }) => this.#holds(incident, own, known) === false);
    const ended = await this.#ended(gone, signal);
    tally.stillFiring += told.length - ended.length;
    await inTurns(ended, WRITES, ({ incident, endsAt }) => this.#over(incident, endsAt));
  }

  /** Those of which the guest's sensors are heard: what says nothing is not mended by that. */
  async #ended<Gone extends Pick<Case, 'own'> & { readonly incident: Incident }>(
    gone: readonly Gone[],
    signal: AbortSignal,
  ): Promise<readonly Gone[]> {
    const speakers = gone.map(({ incident, own }) => (own.some(restsOnGuest) ? this.#speakersOf(incident) : []));
    if (speakers.every(each => each.length === 0)) return gone;
    const heard = await this.#parts.evidence.heard(signal);
    return gone.filter((_, index) => speakers[index]?.every(each => heard.has(each)));
  }

  /** The VMs whose sensors are to be heard before an incident is over. */
  #speakersOf({ metadata: { namespace = '' }, spec: { subject } }: Incident): readonly string[] {
    const { stock } = this.#parts;
    const about = stock.subject({ ...subject, namespace });
    const names = about?.kind === 'ManagedApplication' ? about.object.spec.managedVMs : [subject.name];
    return names.flatMap(name => {
      const machine = stock.subject({ kind: 'ManagedVM', namespace, name });
      return machine?.kind === 'ManagedVM' && speaks(machine.object) ? [nameOfVM(machine.object)] : [];
    });
  }

  async #over(incident: Incident, endsAt: Date | undefined): Promise<void> {
    const signals = overAt(incident, endsAt, this.#parts.clock.now());
    if (signals === undefined) return;
    await this.#parts.stock.tell(incident, { signals: [...signals] });
    this.#parts.tally.Over += 1;
  }

  /** Whether any alert that it stands for is held; undefined: that cannot be told. */
  #holds(incident: Incident, own: readonly OwnRule[], known: Known): boolean | undefined {
    const all = alertsOf(incident).map(({ name, fingerprint }) =>
      stillHolds(fingerprint, { own: own.filter(({ alert }) => alert === name), ...known }),
    );
    if (all.includes(true)) return true;
    return all.includes(undefined) ? undefined : false;
  }

  /** The rules behind an incident; none where its subject is gone, or nobody watches it any more. */
  #ownOf(incident: Incident, rules: OwnRules): readonly OwnRule[] {
    const { kind, name, uid } = incident.spec.subject;
    const subject = this.#parts.stock.subject({ kind, name, namespace: incident.metadata.namespace ?? '' });
    if (subject === undefined || subject.object.metadata.uid !== uid) return [];
    const names = new Set(alertsOf(incident).map(each => each.name));
    return rules.of(subject).filter(({ alert }) => names.has(alert));
  }

  /** What was never proven stands apart: it takes no alert that is, and its end is another. */
  #incidentsOf(uid: string): readonly Incident[] {
    return this.#parts.stock.incidentsOf(uid).filter(each => !isUnproven(each));
  }

  #doubt({ pointer, named, subject: { uid } }: Case, why: Doubtful, message: string): [] {
    this.#parts.doubts?.refused({ pointer, subject: { ...named, uid }, why, message });
    return this.#refuse(pointer, why);
  }

  #refuse(pointer: Pointer, why: Unproven): [] {
    const { tally, log } = this.#parts;
    tally.unproven(why);
    const about = Object.fromEntries(
      ['namespace', 'managed_vm', 'application'].map(of => [of, pointer.labels.get(of)]),
    );
    log.warn({ alert: pointer.name, ...about, why }, 'alert not proven: nothing is done about it');
    return [];
  }
}

function isEnding(error: unknown): boolean {
  return isForbidden(error) && error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;
}
