/**
 * A fake of the Windows Update Agent: no COM, no PowerShell. It tells our scripts by their texts and answers in the forms that these describe, out of a
 * few fields in memory. It shows that forms, reading and what is decided fit together, and what becomes of refusals; not that the scripts do so.
 */
import { WINDOWS_INSTALL, WINDOWS_PREFLIGHT, WINDOWS_READ_BACK, WINDOWS_SCAN } from './windowsupdatescripts.ts';

export const SECURITY = '0FA1201D-4330-4FA8-8AE9-B877473B6441';
export const UPDATES = 'CD5FFD1E-E932-4E3A-BF74-18BF0B1BBD83';

type Result = readonly [code: number, hresult: string];
const SUCCEEDED: Result = [2, '00000000'];

export type FakeUpdate = {
  readonly id: string;
  readonly revision: number;
  readonly kb?: string;
  readonly severity?: string;
  readonly categories?: readonly string[];
  readonly changed?: string;
  readonly replaces?: readonly string[];
  readonly eula?: boolean;
  readonly hidden?: boolean;
  readonly asks?: boolean;
  readonly browse?: boolean;
  readonly downloads?: Result;
  readonly installs?: Result;
  /** Whether it takes effect at the next boot only, and whether that boot undoes it. */
  readonly needsRestart?: boolean;
  readonly undone?: boolean;
  state?: 'installed' | 'waiting' | 'gone';
};

type Pin = { readonly name: string; readonly id: string; readonly revision: number };
type HistoryEntry = { readonly id: string; readonly revision: number; readonly result: Result };

const line = (...words: readonly (string | number)[]): string => `steward-packages ${words.join(' ')}`;
const yes = (is: boolean | undefined): string => (is ? 'yes' : 'no');

/** Lines as a script says them, with the one that says that they are all. */
export function saidLines(...lines: readonly string[]): string {
  return [...lines.map(each => line(each)), line('end', lines.length), ''].join('\n');
}

export class FakeUpdateAgent {
  updates: FakeUpdate[] = [];
  readonly history: HistoryEntry[] = [];
  /** A key of the registry says so, whatever the agent knows. */
  restart = false;
  restartFirst = false;
  managed = false;
  busy = false;
  ownUpdater = false;
  freeMib = 40_960;
  readonly services = new Map([
    ['wuauserv', 'Manual'],
    ['TrustedInstaller', 'Manual'],
  ]);
  readonly failedServices: string[] = [];
  search: readonly [result: number, warnings: number] = [2, 0];
  /** What COM throws at each of our scripts: its number, and its words in the guest's language. */
  throws: { readonly hresult: string; readonly words?: string } | undefined;
  /** How often the agent was told to install, and what. */
  readonly installations: (readonly string[])[] = [];

  /** What the script of a step says; undefined for one that is not about updates. */
  answer(action: string): string | undefined {
    const told = this.#told(action);
    if (told === undefined) return undefined;
    const { hresult = '', words = '' } = this.throws ?? {};
    const failed = this.throws ? [`failed ${hresult} ${Buffer.from(`? ${words}`).toString('base64')}`] : [];
    return saidLines(...told, ...failed);
  }

  /** What waits for a boot takes effect, or is undone. */
  boot(): void {
    for (const update of this.updates)
      if (update.state === 'waiting') {
        if (update.undone) delete update.state;
        else update.state = 'installed';
      }
    this.restart = false;
    this.restartFirst = false;
  }

  #told(action: string): readonly string[] | undefined {
    const system = 'system windows 10.0.26100 -';
    const reboot = `reboot ${yes(this.restart || this.updates.some(({ state }) => state === 'waiting'))}`;
    const services = [`services ${this.failedServices.length}`, ...this.failedServices.map(name => `unit ${name}`)];
    if (action === WINDOWS_SCAN) return [system, reboot, ...(this.throws ? [] : this.#scanned())];
    if (action === WINDOWS_PREFLIGHT) return [system, reboot, ...services, ...(this.throws ? [] : this.#checked())];
    const [first = '', ...rest] = action.split('\n');
    const script = rest.join('\n');
    if (script !== WINDOWS_INSTALL && script !== WINDOWS_READ_BACK) return undefined;
    const encoded = /FromBase64String\('([^']*)'\)/.exec(first)?.[1] ?? '';
    const { pins } = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { pins: readonly Pin[] };
    if (script === WINDOWS_INSTALL) return this.throws ? [] : this.#installed(pins);
    return [...(this.throws ? [] : this.#readBack(pins)), ...services, reboot];
  }

  #scanned(): readonly string[] {
    const offered = this.updates.filter(({ state }) => state === undefined);
    return [
      `first ${yes(this.restartFirst)}`,
      `managed ${yes(this.managed)}`,
      `search ${this.search.join(' ')}`,
      ...offered.flatMap((update, index) => [
        updateLine(update, index),
        ...(update.replaces ? [`replaces ${index} ${update.replaces.join(' ')}`] : []),
      ]),
      'more 0',
    ];
  }

  #checked(): readonly string[] {
    return [
      `free ${this.freeMib}`,
      ...[...this.services].map(([name, mode]) => `service ${name} ${mode}`),
      `busy ${yes(this.busy)}`,
      `updater ${yes(this.ownUpdater)}`,
    ];
  }

  #installed(pins: readonly Pin[]): readonly string[] {
    if (this.busy) return ['refused Busy'];
    if (this.restartFirst) return ['refused Restart'];
    const known = pins.map(pin => ({ pin, update: this.#find(pin) }));
    const obstacles = known.flatMap(({ pin, update }) => {
      const why = obstacle(update);
      return why === undefined ? [] : [`pin ${pin.name} ${why}`];
    });
    const wanted = known.flatMap(({ pin, update }) =>
      update !== undefined && obstacle(update) === undefined ? [{ name: pin.name, update }] : [],
    );
    const ready = wanted.filter(({ update }) => (update.downloads ?? SUCCEEDED)[0] === 2);
    if (ready.length > 0) this.installations.push(ready.map(({ name }) => name));
    const told = ready.map(({ name, update }) => {
      const result = update.installs ?? SUCCEEDED;
      this.history.unshift({ id: update.id, revision: update.revision, result });
      if (result[0] === 2) update.state = update.needsRestart ? 'waiting' : 'installed';
      return `install ${name} ${result.join(' ')} ${yes(update.needsRestart)}`;
    });
    const downloads = wanted.map(({ name, update }) => `download ${name} ${(update.downloads ?? SUCCEEDED).join(' ')}`);
    return [...obstacles, ...downloads, ...told, 'done'];
  }

  #readBack(pins: readonly Pin[]): readonly string[] {
    return pins.flatMap(pin => {
      const update = this.#find(pin);
      const entry = this.history.find(({ id, revision }) => id === pin.id && revision === pin.revision);
      const known = update === undefined || update.state === 'gone' ? undefined : update.state;
      return [
        `pin ${pin.name} ${pin.id}.${pin.revision}`,
        ...(update && update.state !== 'gone'
          ? [`found ${pin.name} ${yes(known === 'installed')} ${yes(known === 'waiting')}`]
          : []),
        ...(entry ? [`history ${pin.name} 1 ${entry.result.join(' ')}`] : []),
      ];
    });
  }

  #find({ id, revision }: Pin): FakeUpdate | undefined {
    return this.updates.find(update => update.id === id && update.revision === revision);
  }
}

function obstacle(update: FakeUpdate | undefined): string | undefined {
  if (update === undefined || update.state === 'gone') return 'gone';
  if (update.state !== undefined) return 'installed';
  if (update.eula === false) return 'licence';
  return update.asks ? 'asks' : undefined;
}

function updateLine(update: FakeUpdate, index: number): string {
  const { id, revision, kb = '-', severity = '-', categories = [SECURITY], changed = '2026-11-10' } = update;
  const flags = [update.eula ?? true, update.hidden, update.asks, update.browse].map(yes);
  return ['update', index, id, revision, kb, severity, categories.join(',') || '-', changed, ...flags].join(' ');
}
