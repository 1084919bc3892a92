import { Gauge, type Registry } from 'prom-client';
import type { Unproven } from '../../domain/intake/proof.ts';

const REASONS = [
  'NoSuchSubject',
  'NotWatched',
  'NoRuleOfOurs',
  'NotInOurFile',
  'OtherRule',
  'NotFiring',
  'SensorDenies',
] as const satisfies readonly Unproven[];

/** What became of the alerts that this process was told of. */
export class Tally {
  Known = 0;
  Open = 0;
  Signal = 0;
  Join = 0;
  Over = 0;
  stillFiring = 0;
  /** About nothing that incidents are opened for. */
  foreign = 0;
  /** Messages that could not be settled, and are to be told again. */
  held = 0;
  readonly #unproven = new Map<Unproven, number>();

  unproven(why: Unproven): void {
    this.#unproven.set(why, (this.#unproven.get(why) ?? 0) + 1);
  }

  unprovenOf(why: Unproven): number {
    return this.#unproven.get(why) ?? 0;
  }

  register(registry: Registry, now: { readonly storm: () => boolean; readonly reconciledAt: () => Date | undefined }) {
    const registers = [registry];
    const tally = this;
    new Gauge({
      ...{ name: 'steward_intake_alerts', help: 'Alerts that this process was told of, by what became of them' },
      ...{ labelNames: ['outcome'] as const, registers },
      collect() {
        const { Known, Open, Signal, Join, Over, stillFiring, foreign } = tally;
        const all = {
          Known,
          Opened: Open,
          FiredAgain: Signal,
          Joined: Join,
          Over,
          StillFiring: stillFiring,
          Foreign: foreign,
        };
        for (const [outcome, count] of Object.entries(all)) this.set({ outcome }, count);
      },
    });
    new Gauge({
      ...{ name: 'steward_intake_unproven', help: 'Alerts that were not proven, by why: no incident was opened' },
      ...{ labelNames: ['reason'] as const, registers },
      collect() {
        for (const reason of REASONS) this.set({ reason }, tally.unprovenOf(reason));
      },
    });
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        ...{ name, help, registers },
        collect() {
          this.set(value());
        },
      });
    gauge('steward_intake_held', 'Messages that could not be settled, so that they are told again', () => this.held);
    gauge('steward_intake_storm', '1 while so many alerts come that those about one system are put together', () =>
      now.storm() ? 1 : 0,
    );
    gauge(
      'steward_intake_reconciled_timestamp_seconds',
      'When Alertmanager and Prometheus were compared last',
      () => (now.reconciledAt()?.getTime() ?? 0) / 1000,
    );
  }
}
