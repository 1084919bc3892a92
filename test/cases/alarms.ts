import type { CaseTest, FaultCase } from './case.ts';

const rules = (name: string): CaseTest => ({ file: 'test/integration/rules/rules.test.ts', name });
const assess = (name: string): CaseTest => ({ file: 'src/domain/managedvm/assess.test.ts', name });
const scrape = (name: string): CaseTest => ({ file: 'src/domain/monitoring/scrape.test.ts', name });
const metrics = (name: string): CaseTest => ({ file: 'src/controllers/managedvm/metrics.test.ts', name });
const report = (name: string): CaseTest => ({ file: 'src/controllers/report.test.ts', name });
const services = (name: string): CaseTest => ({ file: 'src/domain/monitoring/services.test.ts', name });
const refusals = (name: string): CaseTest => ({ file: 'test/integration/api/refusals.test.ts', name });
const real = (name: string): CaseTest => ({ file: 'test/integration/promises.test.ts', name });

/** Alerts that stayed silent, came for nothing or called the wrong people, and what a guest could do to Prometheus. */
export const alarmsCases: readonly FaultCase[] = [
  {
    id: 'issue-11/6.conditions',
    kind: 'silent alarm',
    fault: 'Conditions were no metrics.',
    tests: [
      real('that is kept from the start is told by a series, and by no event'),
      real('has series no longer than its object exists'),
      report('steward_condition says what the status says, and goes with the object'),
    ],
  },
  {
    id: 'issue-11/6.events',
    kind: 'silent alarm',
    fault: 'Only Ready made events: nobody was told that another promise broke or healed.',
    tests: [
      real('that breaks and heals is told by its series and by one event each'),
      report('it heals by way of Unknown, as a guest that starts again'),
      report('it swings between broken and Unknown: told once'),
    ],
  },
  {
    id: 'issue-11/6.promises',
    kind: 'silent alarm',
    fault: 'Nothing paged for a failed backup, for Stalled, for unsupported systems and for stuck deletions.',
    tests: [
      {
        file: 'src/domain/monitoring/prometheusrules.test.ts',
        name: 'BackupCompliant has an alert that tells when it is broken',
      },
      rules('fires for a VM that reads BackupCompliant/False/RecoveryPointTooOld'),
      rules('fires for a VM that reads Stalled/True/ImportFailed'),
      rules('fires for a VM that reads Supported/False/SupportEnded'),
      rules('fires for a VM that reads Stalled/True/DeletionBlocked'),
      rules('fires for a VM that reads Provisioned/False/DiskLost'),
      rules('fires for a VM that reads Ready/False/KeysLost'),
      rules('StewardAbsent fires for replicas of which none leads'),
    ],
  },
  {
    id: 'issue-11/6.unit-suffix',
    kind: 'false alarm',
    fault: '`services: [ssh.service]` alarmed for ever.',
    tests: [services('a systemd unit with its suffix is the one without')],
  },
  {
    id: 'cluster/15',
    kind: 'false alarm',
    fault: 'services [nginx.service, nginx] raised ManagedVMServiceNotRunning for a unit that is active.',
    tests: [
      services('both spellings of a unit are one service'),
      metrics('MO-12: services are named as the exporter of the guest names them'),
    ],
  },
  {
    id: 'issue-11/6.names',
    kind: 'silent alarm',
    fault:
      'MSSQL$SQLEXPRESS and escaped unit names were refused, and Windows names had to be spelled letter by letter.',
    tests: [
      services('a named instance of SQL Server can be watched'),
      services('an escaped unit name stays as it is'),
      rules('fires for an expected Windows service that is stopped'),
      rules('is silent for an expected unit with an escaped name that runs'),
      scrape('names of Windows services are taken in lower case, as they are expected'),
    ],
  },
  {
    id: 'cluster/31',
    kind: 'silent alarm',
    fault:
      "Debian's postgresql.service is active whatever becomes of postgresql@17-main, and no rule looked at failed units.",
    tests: [
      rules('a unit that only stands for its instances, of which one has failed (Debian: postgresql)'),
      rules('a unit that only stands for its instances, none of which is active'),
      rules('fires for a failed unit that nobody ordered'),
    ],
  },
  {
    id: 'issue-11/6.socket',
    kind: 'false alarm',
    fault: '`ssh` alarmed on Ubuntu 24.04, where its socket starts it for the first connection.',
    tests: [
      rules('is silent for a service whose socket listens until the first connection (Ubuntu: ssh)'),
      rules('fires for a service that failed when its socket started it'),
    ],
  },
  {
    id: 'cluster/32',
    kind: 'false alarm',
    fault: 'A guest with most of its memory set apart as huge pages alarmed for ever.',
    tests: [
      rules('a database guest most of whose memory is set apart as huge pages, with room in the rest'),
      rules('a guest that has free huge pages and nothing left beside them'),
    ],
  },
  {
    id: 'issue-11/6.thresholds',
    kind: 'silent alarm',
    fault: 'Thresholds of 100 % and a wait of 999999h were accepted: such alerts never fire.',
    tests: [
      refusals('MO-12: a threshold that nothing can exceed'),
      refusals('MO-12: an alert that would wait for longer than a day'),
    ],
  },
  {
    id: 'issue-11/6.typo',
    kind: 'false alarm',
    fault: 'A typo in the operating system paged the provider.',
    tests: [
      metrics('GE-9: a typo in the operating system is no outage'),
      rules('is silent for GE-9: an order that cannot be carried out'),
      rules('is silent for a VM that reads Stalled/True/OperatingSystemNotFound'),
    ],
  },
  {
    id: 'issue-11/6.only-vm',
    kind: 'false alarm',
    fault: 'The only VM of a namespace vanished, and the alert said that KubeVirt gives no metrics.',
    tests: [
      rules('is silent for the only VM of a namespace vanished'),
      rules('fires for the only VM of a namespace, whose VirtualMachine has vanished'),
    ],
  },
  {
    id: 'issue-11/6.deletion',
    kind: 'false alarm',
    fault: 'An object in deletion kept its metrics.',
    tests: [metrics('is nothing as soon as the object is in deletion, however long that takes')],
  },
  {
    id: 'issue-11/6.agent-grace',
    kind: 'false alarm',
    fault: 'ManagedVMAgentLost fired before the grace that the condition grants.',
    tests: [rules('is silent for an agent gone for less than the 15 minutes of grace that its condition has')],
  },
  {
    id: 'issue-11/6.restarts',
    kind: 'silent alarm',
    fault: 'A guest that restarts every minute never alarmed.',
    tests: [
      rules('fires for a guest that KubeVirt starts anew every minute'),
      rules('fires for a guest that reboots by itself every 5 minutes'),
    ],
  },
  {
    id: 'issue-11/6.available',
    kind: 'readiness tied to the agent',
    fault: 'A guest without its agent was not ready: a healthy application left its Service.',
    tests: [
      assess('of a guest without agent, whose exporter is read'),
      assess('lasts for the grace when the agent of a guest that was up is lost, and says until when'),
      {
        file: 'src/domain/machine/virtualmachine.test.ts',
        name: 'a guest that was started with a readiness probe keeps it until it ends',
      },
      {
        file: 'src/domain/machine/restartdiff.test.ts',
        name: 'is nothing when only the probe is gone with which Steward once had guests started',
      },
    ],
  },
  {
    id: 'issue-11/6.runbooks',
    kind: 'claimed what is not',
    fault: 'Runbooks named a console login that does not exist.',
    tests: [
      {
        file: 'src/domain/monitoring/prometheusrules.test.ts',
        name: 'MO-8: no runbook sends anybody to a login on the console',
      },
    ],
  },
  {
    id: 'issue-11/5.scrape',
    kind: 'tenants apart',
    fault: 'A guest was a scrape target without limits: samples, labels, size, redirects, and names of its choosing.',
    tests: [
      real('has every limit as it was written'),
      scrape('steward_condition is never taken, whoever is root in the guest'),
      scrape('node_cpu_seconds_total, which a rule needs, is taken'),
    ],
  },
];
