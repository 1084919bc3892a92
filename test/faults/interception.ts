/** The operator's transport in our hands: what becomes of each write and of each watch event of each case. */
import type { CallAnswer } from '../../src/runtime/http/exchange.ts';
import type { CallInfo, Intercept } from '../../src/runtime/http/transport.ts';
import { type Live, scopeOf } from './cluster/world.ts';

/** `drop`: never sent. `lose`: carried out, the answer lost. An answer: refused with it. */
export type WriteFate = 'pass' | 'drop' | 'lose' | CallAnswer;
/** `drop`: never told. `twice`: told twice at once. `pause`: it and all after it on this watch wait. `last`: they wait until the other watches have told all. `replay`: told again later. `huge`: a line of 5 MB. `shred`: byte by byte. */
export type EventFate = 'pass' | 'drop' | 'twice' | 'pause' | 'last' | 'replay' | 'huge' | 'shred';

/** What goes wrong in one case; numbers count from 1 since the fault was armed. */
export type Fault = {
  /** A write waits for a fate that is a promise. */
  readonly write?: (number: number, info: CallInfo) => WriteFate | Promise<WriteFate>;
  readonly event?: (number: number, event: WatchLine) => EventFate;
};
export type WatchLine = { readonly type: string; readonly object: Live };

type State = { readonly fault: Fault; writes: number; events: number; met: boolean };

const PAUSES = { pause: 300, last: 2_000 };
const REPLAY_MS = 200;
const HUGE = 'x'.repeat(5_000_000);
const OWNER = /"managed\.systems\/owner-namespace":"(f-\d{4})"/;
const IN_PATH =
  /\/(?:namespaces\/|operatingsystems\/os-|servicecalendars\/cal-|serviceplans\/plan-|contracts\/ctr-|clusterpatchpolicies\/cpp-|clusterbackuppolicies\/cbp-|products\/app-|prometheusrules\/steward-cluster-backups-cbp-|schedules\/)(f-\d{4})/;

export class Interception {
  readonly intercept: Intercept;
  readonly #cases = new Map<string, State>();
  readonly #taps = new Set<Tap>();
  /** Case namespaces by the UID of their ManagedVM or ManagedApplication, for objects that are named by it. */
  readonly #scopes: (uid: string) => string | undefined;
  /** Case namespaces of calls that say it otherwise. */
  readonly #scopeOf: (info: CallInfo) => string | undefined;
  #writes = 0;
  #lastWriteAt = 0;
  #lastSentAt = 0;
  #refusals: readonly Error[] = [];
  #isRefused: (path: string) => boolean = () => true;
  #refused = 0;
  /** The last writes, for the report of a case that fails. */
  readonly #journal: string[] = [];

  constructor(
    scopeOfUid: (uid: string) => string | undefined,
    scopeOf: (info: CallInfo) => string | undefined = () => undefined,
  ) {
    this.#scopes = scopeOfUid;
    this.#scopeOf = scopeOf;
    this.intercept = {
      call: (info, send) => this.#call(info, send),
      stream: (info, deliver) => this.#stream(info, deliver),
    };
  }

  /** Writes that were asked for, leases apart. */
  get writes(): number {
    return this.#writes;
  }

  /** When the last write was sent that the API server has answered; 0: none was. */
  get lastSentAt(): number {
    return this.#lastSentAt;
  }

  get quietForMs(): number {
    return performance.now() - this.#lastWriteAt;
  }

  /** The last writes of a case. */
  journal(scope: string): readonly string[] {
    return this.#journal.filter(line => line.startsWith(`${scope} `));
  }

  arm(scope: string, fault: Fault): void {
    this.#cases.set(scope, { fault, writes: 0, events: 0, met: false });
  }

  disarm(): void {
    this.#cases.clear();
  }

  /** Whether the fault has really taken place. */
  met(scope: string): boolean {
    return this.#cases.get(scope)?.met === true;
  }

  count(scope: string): { readonly writes: number; readonly events: number } {
    const { writes = 0, events = 0 } = this.#cases.get(scope) ?? {};
    return { writes, events };
  }

  /** Says something on every watch whose path contains `part`, as if the API server had said it. */
  say(event: object, part: string | ((path: string) => boolean) = ''): void {
    const concerns = typeof part === 'string' ? (path: string) => path.includes(part) : part;
    for (const tap of this.#taps) if (concerns(tap.path)) tap.say(`${JSON.stringify(event)}\n`);
  }

  /** Text that need not be a line. */
  sayText(text: string, part = ''): void {
    for (const tap of this.#taps) if (tap.path.includes(part)) tap.say(text);
  }

  /** New watches, or only those that `which` names by their path, get these answers in turn, until none is given. */
  refuseWatches(errors: readonly Error[], which: (path: string) => boolean = () => true): void {
    this.#refusals = errors;
    this.#isRefused = which;
  }

  /** Every watch, or those that `which` names by their path, are told that their version is too old, so that they list anew. */
  relist(which: (path: string) => boolean = () => true): void {
    this.say({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } }, which);
  }

  /** What the matching watches say is held back until {@link release}. */
  freeze(part: (path: string) => boolean): void {
    for (const tap of this.#taps) if (part(tap.path)) tap.hold();
  }

  release(): void {
    for (const tap of this.#taps) tap.release();
  }

  /** Once more what was to be told again later: by now it is of the past, however slow the machine is. */
  tellAgain(): void {
    for (const tap of this.#taps) tap.tellAgain();
  }

  async #call(info: CallInfo, send: () => Promise<CallAnswer>): Promise<CallAnswer> {
    if (info.method === 'GET' || info.path.includes('/leases') || info.path.includes('dryRun=All')) return send();
    this.#writes += 1;
    this.#lastWriteAt = performance.now();
    if (info.path.startsWith('/apis/events.k8s.io/')) return send();
    const scope = this.#scopeOf(info) ?? this.#scopeOfCall(info);
    const state = scope === undefined ? undefined : this.#cases.get(scope);
    const fate = state === undefined ? 'pass' : await this.#fateOf(state, info);
    this.#note(`${scope} ${info.method} ${info.path} ${typeof fate === 'string' ? fate : fate.status}`);
    if (fate === 'drop') throw new Error('connection refused');
    if (typeof fate === 'object') return fate;
    const sentAt = performance.now();
    const answer = await send();
    this.#lastSentAt = Math.max(this.#lastSentAt, sentAt);
    if (fate === 'lose') throw new Error('connection reset');
    return answer;
  }

  async #fateOf(state: State, info: CallInfo): Promise<WriteFate> {
    state.writes += 1;
    const fate = (await state.fault.write?.(state.writes, info)) ?? 'pass';
    if (fate !== 'pass') state.met = true;
    return fate;
  }

  #scopeOfCall({ path, body = '' }: CallInfo): string | undefined {
    const [, named] = OWNER.exec(body) ?? IN_PATH.exec(path) ?? [];
    const [, uid] = /(?:managedvm|application)-([0-9a-f-]{36})/.exec(path) ?? [];
    return named ?? (uid === undefined ? undefined : this.#scopes(uid));
  }

  #note(line: string): void {
    this.#journal.push(line);
    if (this.#journal.length > 5000) this.#journal.splice(0, 1000);
  }

  #stream(info: CallInfo, deliver: (chunk: Buffer) => void): (chunk: Buffer) => void {
    if (this.#refusals.length > 0 && this.#isRefused(info.path)) {
      this.#refused += 1;
      throw this.#refusals[this.#refused % this.#refusals.length];
    }
    const tap = new Tap(info.path, deliver, line => this.#fateOfLine(line));
    for (const other of this.#taps) if (other.path.split('?')[0] === tap.path.split('?')[0]) this.#taps.delete(other);
    this.#taps.add(tap);
    return chunk => tap.receive(chunk);
  }

  #fateOfLine(line: string): EventFate {
    if (this.#cases.size === 0) return 'pass';
    const event = JSON.parse(line) as WatchLine;
    if (event.type === 'BOOKMARK' || event.type === 'ERROR') return 'pass';
    const state = this.#cases.get(scopeOf(event.object) ?? '');
    if (state?.fault.event === undefined) {
      if (state !== undefined) state.events += 1;
      return 'pass';
    }
    state.events += 1;
    const fate = state.fault.event(state.events, event);
    if (fate !== 'pass') state.met = true;
    return fate;
  }
}

/** One watch between the API server and the operator, line by line and in order. */
class Tap {
  readonly path: string;
  readonly #deliver: (chunk: Buffer) => void;
  readonly #fateOf: (line: string) => EventFate;
  #rest: Buffer = Buffer.alloc(0);
  readonly #held: string[] = [];
  readonly #replayed: string[] = [];
  #holding = false;

  constructor(path: string, deliver: (chunk: Buffer) => void, fateOf: (line: string) => EventFate) {
    this.path = path;
    this.#deliver = deliver;
    this.#fateOf = fateOf;
  }

  receive(chunk: Buffer): void {
    const all = Buffer.concat([this.#rest, chunk]);
    const end = all.lastIndexOf(10) + 1;
    this.#rest = all.subarray(end);
    for (const line of all.subarray(0, end).toString().split('\n')) if (line !== '') this.#pass(line);
  }

  say(text: string): void {
    this.#deliver(Buffer.from(text));
  }

  hold(): void {
    this.#holding = true;
  }

  release(): void {
    this.#holding = false;
    for (const line of this.#held.splice(0)) this.#tell(line);
  }

  tellAgain(): void {
    for (const line of this.#replayed.splice(0)) this.#tell(line);
  }

  #pass(line: string): void {
    const fate = this.#fateOf(line);
    if (fate === 'drop') return;
    if ((fate === 'pause' || fate === 'last') && !this.#holding) {
      this.hold();
      setTimeout(() => this.release(), PAUSES[fate]);
    }
    if (this.#holding) {
      this.#held.push(line);
      return;
    }
    if (fate === 'huge') this.#tell(line.replace('"metadata":{', `"metadata":{"selfLink":"${HUGE}",`));
    else if (fate === 'shred') for (const byte of Buffer.from(`${line}\n`)) this.#deliver(Buffer.of(byte));
    else this.#tell(line);
    if (fate === 'twice') this.#tell(line);
    if (fate === 'replay') {
      this.#replayed.push(line);
      setTimeout(() => this.#tell(line), REPLAY_MS);
    }
  }

  #tell(line: string): void {
    this.#deliver(Buffer.from(`${line}\n`));
  }
}
