import type { ManagedVM } from '../../api/managedvm.ts';
import {
  type Child,
  INSTANCE_LABEL,
  MANAGED_VM_LABEL,
  metricsName,
  type RenderInput,
  virtualMachineName,
} from '../contract/child.ts';
import { entitlements } from '../contract/service-levels.ts';
import { EXPORTER_PORTS } from '../machine/firstboot/exporters.ts';
import { EVENT_METRICS } from './guestevents.ts';

/** When the sensors that Steward sets up in a guest were last read, in seconds since 1970: what they say is worth no more than this is young. */
export const SENSORS_READ_METRIC = 'guest_sensors_last_run_timestamp_seconds';

/**
 * Series that are taken from a guest, by the family of its exporter: those that our alerts need, and those that docs/spec/managedvm.md
 * promises for dashboards. Whoever is root in a guest decides what it exposes, and must neither flood Prometheus nor pass something
 * off as the operator's, KubeVirt's or Prometheus' own.
 */
export const GUEST_METRICS = {
  Linux: [
    'node_(boot_time|time)_seconds',
    'node_(uname|os|dmi)_info',
    'node_cpu_seconds_total',
    'node_load(1|5|15)',
    'node_memory_(MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapTotal|SwapFree|Hugetlb|Hugepagesize)_bytes',
    'node_memory_HugePages_(Total|Free)',
    'node_vmstat_(oom_kill|pgmajfault|pswpin|pswpout)',
    'node_filesystem_(size_bytes|avail_bytes|free_bytes|files|files_free|readonly)',
    'node_disk_(read_bytes|written_bytes|reads_completed|writes_completed|read_time_seconds|write_time_seconds|io_time_seconds)_total',
    'node_network_(receive|transmit)_(bytes|packets|errs|drop)_total',
    'node_network_up',
    'node_timex_(offset_seconds|maxerror_seconds|sync_status)',
    'node_systemd_(unit_state|timer_last_trigger_seconds)',
    'node_textfile_(mtime_seconds|scrape_error)',
    SENSORS_READ_METRIC,
    ...Object.values(EVENT_METRICS),
    'steward_application_(probe_(success|duration_seconds|read_timestamp_seconds)|closed_since_timestamp_seconds)',
    'node_reboot_required',
    '(apt|yum)_upgrades_(pending|held)',
    'apt_package_cache_timestamp_seconds',
  ],
  Windows: [
    'windows_(os|cs|exporter_build)_info',
    'windows_cpu_time_total',
    'windows_cpu_logical_processor',
    'windows_memory_(physical_free|physical_total|available|committed|commit_limit)_bytes',
    'windows_logical_disk_(free_bytes|size_bytes|read_bytes_total|write_bytes_total|reads_total|writes_total|idle_seconds_total)',
    'windows_net_(bytes_received|bytes_sent|packets_received_errors|packets_outbound_errors|packets_received_discarded|packets_outbound_discarded)_total',
    'windows_service_(state|start_mode)',
    'windows_system_boot_time_timestamp',
    'windows_time_(current_timestamp|computed_time_offset)_seconds',
    'windows_scheduled_task_(state|last_result)',
    'windows_textfile_(mtime_seconds|scrape_error)',
    'windows_update_pending_(info|published_timestamp)',
    SENSORS_READ_METRIC,
    ...[EVENT_METRICS.total, EVENT_METRICS.last, EVENT_METRICS.up, EVENT_METRICS.success],
  ],
} as const;

/**
 * What one scrape of a guest may cost Prometheus, several times what a busy guest needs. Whatever exceeds it is not taken at all:
 * the target reads down, and ManagedVMTargetMissing says so.
 */
export const SCRAPE_LIMITS = {
  bodySizeLimit: '8MB',
  sampleLimit: 10_000,
  /** Those of the target included. */
  labelLimit: 32,
  labelNameLengthLimit: 128,
  labelValueLengthLimit: 1024,
  /** A guest that moves to another node is two targets for a while. */
  targetLimit: 4,
} as const;

export type ScrapeInput = RenderInput & {
  /** Labels by which the cluster's Prometheus selects ServiceMonitors. */
  readonly monitoringLabels?: Readonly<Record<string, string>>;
};

/**
 * Service and ServiceMonitor through which Prometheus reads the guest's exporter.
 * None where the level does not include monitoring (MO-5), or where the guest cannot be reached that way.
 */
export function renderScrape(input: ScrapeInput): readonly Child[] {
  const { managedVM } = input;
  if (!entitlements(managedVM.spec.serviceLevel).monitoring || !isScrapable(managedVM)) return [];
  return [renderService(input), renderServiceMonitor(input)];
}

/** A guest is scraped through the address of its launcher pod, so it needs an interface on the pod network. */
export function isScrapable(managedVM: ManagedVM): boolean {
  return managedVM.spec.networks.some(network => network.multusNetwork === undefined);
}

function renderService({ managedVM, operatingSystem }: ScrapeInput): Child {
  const metadata = {
    name: metricsName(managedVM),
    namespace: managedVM.metadata.namespace ?? '',
    labels: { [MANAGED_VM_LABEL]: managedVM.metadata.name },
  };
  return exporterService(metadata, EXPORTER_PORTS[operatingSystem.spec.family], managedVM);
}

/** Service by which Prometheus finds an exporter in the guest of a VM: at its launcher pod (docs/adr/0044). */
export function exporterService(metadata: Child['metadata'], port: number, managedVM: ManagedVM): Child {
  return {
    ...{ apiVersion: 'v1', kind: 'Service', metadata },
    spec: {
      clusterIP: 'None',
      ports: [{ name: 'metrics', port, protocol: 'TCP', targetPort: port }],
      // A guest whose agent is gone is not ready, and is the one we most want to see.
      publishNotReadyAddresses: true,
      selector: { [INSTANCE_LABEL]: virtualMachineName(managedVM) },
    },
  };
}

/** The labels on the targets are written out: a running launcher pod keeps the labels it was started with. */
function renderServiceMonitor({ managedVM, operatingSystem, monitoringLabels }: ScrapeInput): Child {
  const targetLabels = {
    managed_vm: managedVM.metadata.name,
    service_level: managedVM.spec.serviceLevel,
    os_family: operatingSystem.spec.family,
  };
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: {
      name: metricsName(managedVM),
      namespace: managedVM.metadata.namespace ?? '',
      labels: { ...monitoringLabels, [MANAGED_VM_LABEL]: managedVM.metadata.name },
    },
    spec: {
      ...SCRAPE_LIMITS,
      endpoints: [exporterEndpoint(targetLabels, metricRelabelings(operatingSystem.spec.family))],
      selector: { matchLabels: { [MANAGED_VM_LABEL]: managedVM.metadata.name } },
    },
  };
}

/** How an exporter in a guest is read, whose root decides what it says: labels, times and where to ask are not his. */
export function exporterEndpoint(targetLabels: Readonly<Record<string, string>>, kept: readonly object[]) {
  return {
    port: 'metrics',
    honorLabels: false,
    honorTimestamps: false,
    // A redirect would make Prometheus ask in the guest's place.
    followRedirects: false,
    // ManagedVMClockOff counts on it.
    scrapeTimeout: '10s',
    relabelings: Object.entries(targetLabels).map(([targetLabel, replacement]) => ({
      ...{ action: 'replace', replacement, targetLabel },
    })),
    metricRelabelings: kept,
  };
}

function metricRelabelings(family: keyof typeof GUEST_METRICS): readonly object[] {
  const keep = { action: 'keep', sourceLabels: ['__name__'], regex: GUEST_METRICS[family].join('|') };
  // Windows does not tell cases apart, PromQL always does (services.ts).
  const lowerCase = { action: 'lowercase', sourceLabels: ['name'], targetLabel: 'name' };
  return family === 'Windows' ? [keep, lowerCase] : [keep];
}
