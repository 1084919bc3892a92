import { type Alert, IDENTITY, lines, SUBJECT } from '../contract/alert.ts';
import { AGENT_GRACE_MINUTES } from '../machine/guestagent.ts';

/** Restarts of a guest within an hour that nobody can have wanted, when one more comes. */
const RESTARTS_PER_HOUR = 3;

/**
 * Alerts about the state of the monitored VMs of a namespace (MO-5, MO-12); none of them has a threshold that a customer sets.
 *
 * What is ordered (who is watched, shall it run, which services) comes from the operator's own metrics `steward_managedvm_*`,
 * which exist only for levels that include monitoring and not for an object in deletion. They must be scraped with
 * `honorLabels: true`, so that `namespace` and `service` are the VM's and not the operator's. Two replicas may report the
 * same VM, hence `max by`. What is comes from KubeVirt's `kubevirt_vm_info` and from the exporter in the guest.
 */
export function stateAlerts(namespace: string): Alert[] {
  const here = `namespace="${namespace}"`;
  const guests = `${here},managed_vm!=""`;
  /** Of the guest's own exporter: that of an application has the labels of its VM too. */
  const up = `up{${guests},application=""}`;
  const watched = `max by (${IDENTITY}, virtual_machine) (steward_managedvm_info{${here}})`;
  const described = `on (namespace, managed_vm) group_left (service_level, os_family) max by (${IDENTITY}) (steward_managedvm_info{${here}})`;
  const shallRun = `and on (namespace, managed_vm) max by (namespace, managed_vm) (steward_managedvm_power_wanted{${here}}) == 1`;
  const virtualMachines = (state: string): string =>
    `on (namespace, virtual_machine) label_replace(kubevirt_vm_info{${here},${state}}, "virtual_machine", "$1", "name", "(.+)")`;
  const running = virtualMachines('status_group=~"running|migrating"');
  // Steward sees the VirtualMachine, KubeVirt tells of none in the namespace: then nobody knows whether it runs.
  const unseen = `steward_managedvm_virtual_machine_exists{${here}} == 1 unless on (namespace) kubevirt_vm_info{${here}}`;
  return [
    {
      alert: 'ManagedVMDown',
      expr: lines(
        watched,
        shallRun,
        `unless ${running}`,
        // Its first disks are still being made: that is provisioning, which the object's condition and KubeVirt's own alert follow.
        `unless ${virtualMachines('status=~"provisioning|waitingforvolumebinding"')}`,
        `unless on (namespace, managed_vm) (${unseen})`,
      ),
      for: '5m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }} is down',
      description: `${SUBJECT} shall run, and its VirtualMachine {{ $labels.virtual_machine }} has not been running for 5 minutes.`,
    },
    {
      alert: 'ManagedVMRestarting',
      // A guest that reboots by itself keeps its instance, and one that KubeVirt starts anew may never be scraped.
      expr: lines(
        '(max by (namespace, managed_vm) (',
        `  changes(steward_managedvm_guest_started_timestamp_seconds{${here}}[1h])`,
        `  or changes(node_boot_time_seconds{${guests}}[1h])`,
        `  or changes(windows_system_boot_time_timestamp{${guests}}[1h])`,
        `) > ${RESTARTS_PER_HOUR})`,
        `* ${described}`,
      ),
      for: '1m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }} restarts again and again',
      description: `The guest of ${SUBJECT} has started {{ $value | printf "%.0f" }} times within the last hour; more than ${RESTARTS_PER_HOUR} is a loop.`,
    },
    {
      alert: 'ManagedVMAgentLost',
      expr: lines(
        watched,
        shallRun,
        `and on (namespace, managed_vm) max by (namespace, managed_vm) (steward_managedvm_agent_connected{${here}}) == 0`,
        `and ${running}`,
      ),
      // As long as the condition AgentConnected waits: an alert that comes before it would say what the object does not.
      for: `${AGENT_GRACE_MINUTES}m`,
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: the guest agent does not answer',
      description: `${SUBJECT} runs, and its QEMU guest agent has not been connected for ${AGENT_GRACE_MINUTES} minutes.`,
    },
    {
      alert: 'ManagedVMTargetMissing',
      expr: lines(watched, shallRun, `and ${running}`, `unless on (namespace, managed_vm) ${up} == 1`),
      for: '15m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: the sensors in the guest cannot be read',
      description: `${SUBJECT} runs, and Prometheus has not read its exporter for 15 minutes: nobody sees CPU, memory, file systems and services of the guest.`,
    },
    {
      alert: 'ManagedVMServiceNotRunning',
      expr: lines(
        `max by (namespace, managed_vm, service) (steward_managedvm_expected_service{${here}})`,
        `* ${described}`,
        ...runningServices(guests).map(those => `unless on (namespace, managed_vm, service) (${those})`),
        // A scrape that fails now and then begins no new 5 minutes; a guest that fell silent is heard for less than that.
        `and on (namespace, managed_vm) max_over_time(${up}[3m]) == 1`,
      ),
      for: '5m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: service {{ $labels.service }} is not running',
      description: `${SUBJECT} names {{ $labels.service }} in spec.services, and it has not been running for 5 minutes.`,
    },
    {
      alert: 'ManagedVMUnitFailed',
      expr: `max by (${IDENTITY}, unit) (label_replace(node_systemd_unit_state{${guests},state="failed"} == 1, "unit", "$1", "name", "(.+)"))`,
      for: '15m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: unit {{ $labels.unit }} has failed',
      description: `systemd in ${SUBJECT} has reported {{ $labels.unit }} as failed for 15 minutes.`,
    },
    {
      alert: 'ManagedVMClockOff',
      // More than 10 s cannot come from a slow scrape, which Prometheus gives up after 10 s. 16 s is what the kernel reports at
      // most for a clock without a time source (node_exporter's own mixin).
      expr: lines(
        `max by (${IDENTITY}) (`,
        `  abs(node_time_seconds{${guests}} - timestamp(node_time_seconds{${guests}})) > 10`,
        `  or abs(windows_time_current_timestamp_seconds{${guests}} - timestamp(windows_time_current_timestamp_seconds{${guests}})) > 10`,
        `  or (node_timex_maxerror_seconds{${guests}} >= 16 and node_timex_sync_status{${guests}} == 0)`,
        ')',
      ),
      for: '15m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: the clock is off',
      description: `The clock of ${SUBJECT} is off by {{ $value | printf "%.0f" }} s, or may be because it has lost its time source; allowed are 10 s.`,
    },
    {
      alert: 'ManagedVMMonitoringImpaired',
      // That a namespace has no VirtualMachine left is no proof that KubeVirt's metrics are missing, and the other way round.
      expr: lines(
        `label_replace(absent(steward_managedvm_info{${here}}), "source", "Steward", "", "")`,
        `or label_replace(max by (namespace) (${unseen}), "source", "KubeVirt", "", "")`,
      ),
      for: '15m',
      severity: 'critical',
      summary: 'The ManagedVMs of {{ $labels.namespace }} are not watched: no metrics from {{ $labels.source }}',
      description:
        'Prometheus has had no metrics about namespace {{ $labels.namespace }} from {{ $labels.source }} for 15 minutes. The alerts that need them stay silent whatever happens.',
    },
  ];
}

/**
 * Which services of guests count as running, each vector under the label `service`. A stopped unit may vanish from the exporter's output
 * altogether (node_exporter#1082), so "not running" is the absence of one of these.
 * - A unit that is active. One that only stands for its instances (Debian's postgresql.service is active whatever becomes of
 *   postgresql@17-main.service) counts if an instance of it is active and none has failed.
 * - A socket that listens, as Ubuntu's ssh.socket: systemd starts the service for the first connection. Not if that start has failed.
 * - A Windows service that runs; its name is lower case in both metrics, because Windows does not tell cases apart (scrape.ts).
 */
function runningServices(guests: string): readonly string[] {
  const of = (series: string, name: string): string => `label_replace(${series}, "service", "$1", "name", "${name}")`;
  const units = (state: string, names = ''): string =>
    `node_systemd_unit_state{${guests},state="${state}"${names && `,name=~"${names}"`}}`;
  const instances = '.+@.+[.]service';
  const failedInstance = of(`${units('failed', instances)} == 1`, '(.+?)@.+');
  const noneActive = `max by (namespace, managed_vm, service) (${of(units('active', instances), '(.+?)@.+')}) == 0`;
  const without = (vector: string): string => `unless on (namespace, managed_vm, service) ${vector}`;
  return [
    `${of(`${units('active')} == 1`, '(.+?)(?:[.]service)?')} ${without(failedInstance)} ${without(`(${noneActive})`)}`,
    `${of(`${units('active', '.+[.]socket')} == 1`, '(.+)[.]socket')} ${without(of(`${units('failed', '[^@]+[.]service')} == 1`, '(.+)[.]service'))}`,
    of(`windows_service_state{${guests},state="running"} == 1`, '(.+)'),
  ];
}
