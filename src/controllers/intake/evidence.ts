import { PrometheusRule } from '../../api/upstream.ts';
import { HEARD, heardVM } from '../../domain/intake/hearing.ts';
import type { Place } from '../../domain/intake/ownrules.ts';
import type { Labels } from '../../domain/intake/pointer.ts';
import { readRules, type SeenRule, seriesLabels } from '../../domain/intake/seenrules.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Transport } from '../../runtime/http/transport.ts';
import { getUncached } from '../../runtime/http/uncached.ts';
import { type Asked, askJSON, askPrometheus } from '../askprometheus.ts';

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
/** A PrometheusRule that is made anew gets another UID, and until that is known its alerts are not proven; they are looked at again. */
const UID_HELD_MS = 30_000;
const MOST_UIDS = 20_000;

/** What proofs rest on: what Prometheus says now, and which PrometheusRules there are. All of it throws where that is not answered. */
export class Evidence {
  readonly #prometheus: Asked;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #uids = new Map<string, { readonly uid: string | undefined; readonly until: number }>();

  constructor(prometheus: Asked, transport: Transport, clock: Clock) {
    this.#prometheus = prometheus;
    this.#transport = transport;
    this.#clock = clock;
  }

  /** The alerting rules with these names, and the alerts that they hold. */
  async rules(names: ReadonlySet<string>, signal: AbortSignal): Promise<readonly SeenRule[]> {
    // Who does not know the filter answers with all rules.
    const wanted = [...names].map(name => ['rule_name[]', name] as const);
    const answer = await askJSON(this.#prometheus, '/api/v1/rules', [['type', 'alert'], ...wanted], signal);
    return readRules(answer, names);
  }

  /** Labels of what an expression gives now. */
  async series(expression: string, signal: AbortSignal): Promise<readonly Labels[]> {
    const found: Labels[] = [];
    const keep = (series: unknown) => {
      const labels = seriesLabels(series);
      if (labels !== undefined) found.push(labels);
    };
    await askPrometheus(this.#prometheus, expression, keep, signal);
    return found;
  }

  /** The VMs whose exporter is heard now, as {@link heardVM} names them. */
  async heard(signal: AbortSignal): Promise<ReadonlySet<string>> {
    return new Set((await this.series(HEARD, signal)).map(heardVM));
  }

  /** UID of the PrometheusRule at a place; undefined where there is none. */
  async uid(place: Place): Promise<string | undefined> {
    const key = `${place.namespace}/${place.name}`;
    const held = this.#uids.get(key);
    if (held !== undefined && held.until > this.#clock.monotonic()) return held.uid;
    const found = await getUncached<KubeObject>(this.#transport, PrometheusRule, place, METADATA);
    if (this.#uids.size >= MOST_UIDS) this.#uids.clear();
    const uid = found?.metadata.uid;
    if (uid !== undefined) this.#uids.set(key, { uid, until: this.#clock.monotonic() + UID_HELD_MS });
    return uid;
  }
}
