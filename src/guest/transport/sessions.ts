import type { Dial } from './dial.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { type Answer, type Login, Session } from './session.ts';

/** A guest as it is reached now: how, as whom, and by which host key. */
export type Target = {
  /** UID of the ManagedVM. */
  readonly uid: string;
  /** The address, or whatever else tells one way from another. */
  readonly way: string;
  readonly dial: Dial;
  readonly login: Login;
};

type Entry = {
  readonly made: string;
  readonly session: Promise<Session>;
  idle?: NodeJS.Timeout;
  users: number;
  /** It is closed as soon as nobody uses it. */
  once?: boolean;
};

/** One connection per guest, opened when it is needed, shared, and closed when nobody has used it for a while. */
export class Sessions {
  readonly #limits: Limits;
  readonly #entries = new Map<string, Entry>();

  constructor(limits: Partial<Limits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** Connections that are open or being opened. */
  get size(): number {
    return this.#entries.size;
  }

  /** Runs a command as `Session.run` does, and connects first where need be. Throws GuestFailure. */
  run(target: Target, command: string, input = '', commandMs?: number): Promise<Answer> {
    return this.use(target, session => session.run(command, input, commandMs ?? this.#limits.commandMs));
  }

  /** Connects where need be, and keeps the connection open while it is worked on. Throws GuestFailure, and what `work` throws. */
  async use<Result>(target: Target, work: (session: Session) => Promise<Result>): Promise<Result> {
    const entry = this.#entryOf(target);
    entry.users += 1;
    clearTimeout(entry.idle);
    try {
      const session = await entry.session;
      // Whether the first key opens the guest by now, only another connection tells.
      if (session.refusedKeys > 0) entry.once = true;
      return await work(session);
    } catch (error) {
      this.#drop(target.uid, entry);
      throw error;
    } finally {
      entry.users -= 1;
      if (entry.users === 0 && entry.once === true) this.#drop(target.uid, entry);
      else if (entry.users === 0) this.#closeLater(target.uid, entry);
    }
  }

  /** Ends all connections; what runs on them fails. */
  close(): void {
    for (const [uid, entry] of [...this.#entries]) this.#drop(uid, entry);
  }

  /** The connection that there is, unless the guest is reached otherwise since: another address, another key. */
  #entryOf(target: Target): Entry {
    const { user, privateKey, otherKeys, hostKey } = target.login;
    const made = JSON.stringify([target.way, user, privateKey, otherKeys, hostKey]);
    const known = this.#entries.get(target.uid);
    if (known?.made === made) return known;
    if (known !== undefined) this.#drop(target.uid, known);
    const entry: Entry = { made, session: Session.open(target.dial, target.login, this.#limits), users: 0 };
    this.#entries.set(target.uid, entry);
    return entry;
  }

  #closeLater(uid: string, entry: Entry): void {
    entry.idle = setTimeout(() => this.#drop(uid, entry), this.#limits.idleMs);
    entry.idle.unref();
  }

  #drop(uid: string, entry: Entry): void {
    clearTimeout(entry.idle);
    if (this.#entries.get(uid) === entry) this.#entries.delete(uid);
    void entry.session.then(
      session => session.close(),
      () => {},
    );
  }
}
