import { LABELLED_POLICY } from '../backup/policykind.ts';
import { type Alert, type Announcement, describedVM, lines, SUBJECT } from '../contract/alert.ts';
import type { ConditionMeaning } from '../contract/reasons.ts';
import { PATCH_ALERTS } from '../patching/alerts.ts';
import { HANDLING_ALERTS } from '../problem/alerts.ts';
import { type Catalogued, countedConditions, orderersReasons, reasonsOf, reasonsOn } from './conditions.ts';
import { PROMISES } from './promises.ts';

/** Namespace of the operator, as the chart fills it in. */
export const OPERATOR_NAMESPACE = '@NAMESPACE@';

/** What to do about a stuck deletion is another thing than about an order that cannot be carried out. */
const DELETION_BLOCKED = 'DeletionBlocked';

/** Tells of every promise that has no alert of its own; not rendered where each has one. */
const OF_ANY_PROMISE = 'ManagedVMPromiseBroken';

/**
 * Which alert tells that a promise is broken. Those of a guest's namespace (monitoring/alerts.ts) look at the guest itself and are sooner;
 * the others look at the condition.
 */
export function alertThatTells({ alert, toldBy }: ConditionMeaning): string {
  return alert?.alert ?? toldBy ?? OF_ANY_PROMISE;
}

/**
 * Alerts of the whole cluster on what the conditions say (`steward_condition`), one rule object for all namespaces: promises are broken at
 * every level, and an object in deletion or a catalogue entry has no namespace whose rules could look after it. What only whoever wrote
 * an order can put right is told by its condition and its events and pages nobody.
 */
export function promiseAlerts(promises: Catalogued = PROMISES): Alert[] {
  return [
    ...losses(promises),
    ...brokenPromises(promises),
    ...ofOrders(promises),
    ...PATCH_ALERTS,
    ...HANDLING_ALERTS,
    ...ofOthers(promises),
  ];
}

/** What is told at once, whatever else holds. */
function losses(promises: Catalogued): Alert[] {
  const found = Object.entries(reasonsOf(promises));
  return found.flatMap(([reason, { alert }]) =>
    alert === undefined ? [] : [announced(alert, virtualMachines(`reason="${reason}"`))],
  );
}

function brokenPromises(promises: Catalogued): Alert[] {
  const counted = Object.entries(countedConditions(promises));
  const others = counted.filter(([, meaning]) => alertThatTells(meaning) === OF_ANY_PROMISE).map(([type]) => type);
  const broken = (types: string, reasons: readonly string[]) => `type${types},status="False",${besides(reasons)}`;
  return [
    ...counted.flatMap(([type, { alert }]) =>
      alert === undefined ? [] : [announced(alert, those(alert)(broken(`="${type}"`, notTold(promises, type))))],
    ),
    ...(others.length === 0
      ? []
      : [ofOthersPromises(virtualMachines(broken(`=~"${others.join('|')}"`, orderersReasons(promises)), 'type'))]),
  ];
}

function ofOthersPromises(expr: string): Alert {
  return {
    ...{ alert: OF_ANY_PROMISE, expr, for: '1h', severity: 'warning' },
    summary: '{{ $labels.managed_vm }}: {{ $labels.type }} is broken',
    description: `${SUBJECT} has not been {{ $labels.type }} for an hour; the condition of that name says why.`,
  };
}

/** Reasons of a condition that its alert leaves out: nobody but the orderer can act, or another alert tells it. */
function notTold(promises: Catalogued, type: string): readonly string[] {
  const elsewhere = reasonsOn(promises, type).filter(([, { toldBy }]) => toldBy !== undefined);
  return [...orderersReasons(promises), ...elsewhere.map(([reason]) => reason)];
}

function ofOrders(promises: Catalogued): Alert[] {
  const lost = Object.entries(reasonsOf(promises)).filter(([, { alert }]) => alert !== undefined);
  const elsewhere = [...orderersReasons(promises), ...lost.map(([reason]) => reason), DELETION_BLOCKED];
  return [
    {
      alert: 'ManagedVMStalled',
      expr: virtualMachines(`type="Stalled",status="True",${besides(elsewhere)}`),
      for: '15m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }} waits for somebody to act',
      description: `The order of ${SUBJECT} has not been carried out for 15 minutes and does not go on by itself; its condition Stalled says why.`,
    },
    {
      alert: 'ManagedVMDeletionStuck',
      expr: virtualMachines(`type="Stalled",status="True",reason="${DELETION_BLOCKED}"`),
      for: '5m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }} cannot be deleted',
      description: `The deletion of ${SUBJECT} waits for objects that do not go; its status.waitingFor names them.`,
    },
  ];
}

/** About other kinds, and Steward itself. */
function ofOthers(promises: Catalogued): Alert[] {
  const theirs = besides(orderersReasons(promises));
  return [
    {
      alert: 'BackupPolicyNotInForce',
      expr: `max by (kind, namespace, name) (steward_condition{kind=~"(Cluster)?BackupPolicy",type="Ready",status="False",${theirs}})`,
      for: '30m',
      severity: 'warning',
      summary: `${LABELLED_POLICY} is not in force`,
      description: `${LABELLED_POLICY} has not been in force for 30 minutes, so it makes no backups or not those that it promises; its condition Ready says why.`,
    },
    {
      alert: 'ManagedApplicationNotMonitored',
      expr: `max by (namespace, application) (label_replace(steward_condition{kind="ManagedApplication",type="Monitored",status="False",${theirs}}, "application", "$1", "name", "(.+)"))`,
      for: '15m',
      severity: 'critical',
      summary: '{{ $labels.application }} is not watched',
      description:
        'ManagedApplication {{ $labels.namespace }}/{{ $labels.application }} has not been watched as its level promises for 15 minutes; its condition Monitored says what is missing.',
    },
    {
      alert: 'OperatingSystemNotReady',
      expr: 'max by (name) (steward_condition{kind="OperatingSystem",type="Ready",status="False"})',
      for: '15m',
      severity: 'warning',
      summary: 'OperatingSystem {{ $labels.name }} cannot be read',
      description:
        'The catalogue entry {{ $labels.name }} has not been in order for 15 minutes; its condition Ready says why.',
    },
    {
      alert: 'ContractNotInForce',
      expr: 'max by (kind, name) (steward_condition{kind=~"Contract|ServicePlan",type="Ready",status="False"})',
      for: '15m',
      severity: 'warning',
      summary: '{{ $labels.kind }} {{ $labels.name }} is not in force',
      description:
        '{{ $labels.kind }} {{ $labels.name }} has not been in force for 15 minutes, so by which numbers a customer is serviced is not known; its condition Ready says why.',
    },
    {
      alert: 'AgreementOverdue',
      expr: 'max by (namespace, name) (steward_condition{kind="ChangeRequest",type="Agreed",status="False",reason="AgreementOverdue"})',
      for: '5m',
      severity: 'warning',
      summary: 'ChangeRequest {{ $labels.namespace }}/{{ $labels.name }} was never agreed to',
      description:
        'The Emergency change {{ $labels.namespace }}/{{ $labels.name }} was done and not agreed to within its time; its condition Agreed says who is missing. It is told for a week.',
    },
    {
      alert: 'ClusterPatchPolicyNotInForce',
      expr: 'max by (name) (steward_condition{kind="ClusterPatchPolicy",type="Ready",status="False",reason=~"InvalidPolicy|NoWindowLeft|WindowNotUsable"})',
      for: '15m',
      severity: 'warning',
      summary: 'ClusterPatchPolicy {{ $labels.name }} is not in force',
      description:
        'ClusterPatchPolicy {{ $labels.name }} has not been in force for 15 minutes, so guests are not patched by it, or not in all of its windows; its condition Ready says why.',
    },
    {
      alert: 'PatchRingEmpty',
      expr: 'max by (name) (steward_condition{kind="ClusterPatchPolicy",type="Proving",status="False",reason="RingEmpty"})',
      for: '1h',
      severity: 'warning',
      summary: 'ClusterPatchPolicy {{ $labels.name }} has a ring without VMs',
      description:
        'A ring of ClusterPatchPolicy {{ $labels.name }} that others wait for has had no VM for an hour, so nothing is proven and no guest of the rings after it is begun; its condition Proving says which.',
    },
    {
      alert: 'StewardGuestWorkerLost',
      expr: 'count(max by (namespace, name) (steward_condition{kind="ManagedVM",type="GuestReachable",reason="WorkerLost"})) > 0',
      for: '5m',
      severity: 'critical',
      summary: 'No guest worker looks into {{ $value | printf "%.0f" }} guests',
      description:
        'No guest worker holds the shard of {{ $value | printf "%.0f" }} ManagedVMs, and none has for two of its intervals: nothing in their guests is looked after, and what is known of them is old.',
    },
    {
      alert: 'StewardRecordsStopped',
      expr: 'max(steward_records_stopped) > 0',
      for: '5m',
      severity: 'critical',
      summary: 'Records are not written any more',
      description:
        'The record writer has stopped for 5 minutes, for a person must decide: its key is gone, or pages of records are not what they were. What happens is not recorded; the condition Ready of the last pages says why.',
    },
    {
      alert: 'StewardRecordsNotExported',
      expr: 'max(min_over_time(steward_records_not_exported[30m])) > 0',
      for: '30m',
      severity: 'warning',
      summary: 'Records are not exported',
      description:
        '{{ $value | printf "%.0f" }} records or more have waited for their export for half an hour: pages pile up in the cluster, and nobody else has what was recorded. The log of the record writer says why.',
    },
    {
      alert: 'StewardNoticesDead',
      expr: 'max by (way) (steward_notices{phase="Dead"}) > 0',
      for: '5m',
      severity: 'warning',
      summary: '{{ $value | printf "%.0f" }} notices did not reach whom they were for',
      description:
        'Steward has given up {{ $value | printf "%.0f" }} notices by {{ $labels.way }}: people or systems were not told of decisions, windows, broken promises or incidents. `kubectl get ntc -A -o wide` says of each why.',
    },
    {
      alert: 'StewardNoticesWaiting',
      expr: 'max by (way) (steward_notice_oldest_waiting_seconds) > 3600',
      for: '5m',
      severity: 'warning',
      summary: 'Nobody is told by {{ $labels.way }} for {{ $value | humanizeDuration }}',
      description:
        'The oldest notice by {{ $labels.way }} has waited for {{ $value | humanizeDuration }}: its receiver or the mail server does not take it. It is tried for three days; `kubectl get ntc -A -o wide` says why.',
    },
    {
      alert: 'StewardAlertsNotCompared',
      expr: 'max(steward_intake_reconciled_timestamp_seconds) < time() - 600',
      for: '10m',
      severity: 'critical',
      summary: 'Alerts may open no incident',
      description:
        'The receiver of alerts has not compared what it has written with Prometheus and Alertmanager for 20 minutes or more: what is broken may have no incident, and incidents may not end. Its log says why.',
    },
    {
      alert: 'StewardAlertsNotProven',
      expr: 'sum by (reason) (increase(steward_intake_unproven{reason=~"NoRuleOfOurs|NotInOurFile|OtherRule"}[1h])) > 0',
      for: '15m',
      severity: 'warning',
      summary: 'Alerts are not proven: {{ $labels.reason }}',
      description:
        'The receiver of alerts was told of alerts within the last hour that no rule of Steward has raised ({{ $labels.reason }}): somebody else raises them, or Prometheus has not the rules that Steward renders. They open no incident.',
    },
    {
      alert: 'StewardAbsent',
      expr: `absent(leader_election_master_status{namespace="${OPERATOR_NAMESPACE}",name="steward"} == 1)`,
      for: '10m',
      severity: 'critical',
      summary: 'Steward does not work',
      description:
        'No replica of Steward has been leading for 10 minutes, or Prometheus does not see it: orders are not carried out, statuses are those of then, and alerts that need its metrics stay silent.',
    },
  ];
}

function besides(reasons: readonly string[]): string {
  return `reason!~"${reasons.join('|')}"`;
}

function announced({ alert, levels: _, ...announcement }: Announcement, expr: string): Alert {
  return { alert, expr, ...announcement };
}

function those({ levels }: Announcement): (conditions: string) => string {
  return levels === 'monitored' ? monitoredMachines : virtualMachines;
}

/**
 * ManagedVMs with such a condition, by the labels of every alert about one. Level and family are known of monitored VMs only (ADR 0046):
 * where they are missing, the level includes no handling unasked (MO-6). Reasons change while a fault lasts and are no labels.
 */
function virtualMachines(conditions: string, ...more: readonly string[]): string {
  const found = withCondition(conditions, more);
  return lines(describedVM(found), `or on (namespace, managed_vm) ${found}`);
}

/** The same of those alone whose level includes monitoring: of no other is a VM described (src/controllers/managedvm/metrics.ts). */
function monitoredMachines(conditions: string): string {
  return describedVM(withCondition(conditions, []));
}

function withCondition(conditions: string, more: readonly string[]): string {
  const labels = ['namespace', 'managed_vm', ...more].join(', ');
  return `max by (${labels}) (label_replace(steward_condition{kind="ManagedVM",${conditions}}, "managed_vm", "$1", "name", "(.+)"))`;
}
