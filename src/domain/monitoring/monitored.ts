import { AlertThresholds } from '../../api/alertthresholds.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { DEFAULT_RULES_NAME, overrideRulesName } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { unknown } from '../contract/finding.ts';
import type { Need, PrometheusWatch } from './prometheuswatch.ts';
import type { Verdict } from './reasons.ts';
import { asBefore, disproof, inGrace, lastSeen, notWatched, notYetShown, type WatchFacts } from './watchverdict.ts';

type Answers = Extract<PrometheusWatch, { readonly state: 'answers' }>;

/**
 * Whether the sensors of the guest are watched (MO-5): CPU, memory, storage, services. That rules and target are in place is no proof that
 * Prometheus uses them, and what Prometheus evaluated a moment ago is none that the rules are still there.
 */
export function monitored(facts: WatchFacts): Verdict {
  const { managedVM, monitoring } = facts;
  const without = notWatched(facts, 'MO-5');
  if (without !== undefined) return without;
  const deaf = neverFiring(managedVM);
  if (deaf !== undefined) return { status: 'False', reason: 'ThresholdNeverReached', message: deaf };
  const { prometheusWatch: watch } = monitoring;
  if (watch === undefined) {
    return unknown(
      'NotObserved',
      'Rules and ServiceMonitor are in place, but nothing proves that a Prometheus uses them.',
    );
  }
  if (watch.state === 'undecided') return asBefore(facts, 'Monitored', watches(managedVM), SHORTFALLS);
  if (watch.state === 'silent') {
    const message = `Prometheus has given no usable answer since ${instant(watch.since)}: ${watch.why}.`;
    return unknown('PrometheusSilent', message);
  }
  return watch.lacks.length === 0 ? watches(managedVM) : lacking(facts, watch);
}

function watches({ metadata, spec }: ManagedVM): Verdict {
  const services = spec.services?.length ?? 0;
  const sensors = `CPU, memory, file systems, clock and ${services === 1 ? '1 service' : `${services || 'no'} services`}`;
  const message = `Prometheus evaluates the rules of namespace ${metadata.namespace} and scrapes the guest, so its ${sensors} are watched (MO-5). Event logs and security events (MO-12) are not part of this: see EventsMonitored.`;
  return { status: 'True', reason: 'PrometheusWatches', message };
}

/** Thresholds that were stored before the API refused those that no guest can pass. */
function neverFiring({ spec }: ManagedVM): string | undefined {
  const { error } = AlertThresholds.safeParse(spec.alertThresholds ?? {});
  if (error === undefined) return undefined;
  const fields = [...new Set(error.issues.map(({ path }) => ['spec.alertThresholds', ...path].join('.')))];
  return `${fields.join(', ')}: with this an alert never fires or comes too late, so what it is for is not watched (MO-12).`;
}

type Shortfall = 'RulesNotEvaluated' | 'MetricsMissing' | 'GuestNotScraped';

/** What is missing, by the reason that it is reported under; the first one that applies is the condition's. */
const WORDS: Readonly<Record<Shortfall, Partial<Record<Need, (managedVM: ManagedVM) => string>>>> = {
  RulesNotEvaluated: {
    rules: ({ metadata }) => `does not evaluate PrometheusRule ${metadata.namespace}/${DEFAULT_RULES_NAME}`,
    thresholds: managedVM =>
      `does not evaluate PrometheusRule ${managedVM.metadata.namespace}/${overrideRulesName(managedVM)}`,
  },
  MetricsMissing: {
    order: () => 'has no metrics of Steward about the VM (steward_managedvm_info)',
    machine: () => 'has no metrics of KubeVirt about the VM (kubevirt_vm_info)',
  },
  GuestNotScraped: {
    target: () => "does not have the guest's exporter as a target",
    scrape: () => "cannot read the guest's exporter",
  },
};

const SHORTFALLS = Object.keys(WORDS) as Shortfall[];
/** In the order in which what lacks is told. */
const NEEDS = ['rules', 'thresholds', 'order', 'machine', 'target', 'scrape'] as const satisfies readonly Need[];

function lacking(facts: WatchFacts, { lacks, lastSeen: seen = {} }: Answers): Verdict {
  const { managedVM } = facts;
  const found = SHORTFALLS.flatMap(reason =>
    NEEDS.filter(need => lacks.includes(need)).flatMap(need => {
      const word = WORDS[reason][need];
      return word === undefined ? [] : [{ reason, word: `${word(managedVM)}${lastSeen(seen[need])}` }];
    }),
  );
  const [first] = found;
  if (first === undefined) return watches(managedVM);
  const says = `Prometheus ${found.map(({ word }) => word).join(', and ')}`;
  const notYet = first.reason === 'GuestNotScraped' ? notYetShown(facts, says) : undefined;
  return notYet ?? inGrace(facts, 'Monitored', says) ?? disproof(facts, 'Monitored', first.reason, `${says}.`);
}
