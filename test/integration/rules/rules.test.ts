import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../hack/testbed/process/ports.ts';
import {
  type PrometheusAdmission,
  startPrometheusAdmission,
} from '../../../hack/testbed/upstream/prometheusadmission.ts';
import { backupPolicyOf, bounds } from '../../../src/domain/backup/backup.fixtures.ts';
import { backupPlan } from '../../../src/domain/backup/backupplan.ts';
import type { AlertRule } from '../../../src/domain/contract/alert.ts';
import type { Child } from '../../../src/domain/contract/child.ts';
import { OPERATOR_NAMESPACE } from '../../../src/domain/managedvm/promisealerts.ts';
import { promiseRules } from '../../../src/domain/managedvm/promiserules.ts';
import { managedVMOf } from '../../../src/domain/managedvm/rendering.fixtures.ts';
import { ALERTS_QUERY } from '../../../src/domain/monitoring/guestalerts.ts';
import { renderDefaultRules, renderOverrideRules } from '../../../src/domain/monitoring/prometheusrules.ts';
import { RATING_GROUP } from '../../../src/domain/monitoring/unusual.ts';
import { renderBackupRules } from '../../../src/domain/policies/backuprules.ts';
import { Promtool } from './promtool.ts';
import { situations } from './situations/situations.ts';
import { healthy, identity, type Situation, series } from './situations/world.ts';

const settings = { monitoringLabels: { release: 'prometheus' }, runbookBaseURL: 'https://runbooks.example/' };
const defaults = renderDefaultRules('acme', settings);
/** As the chart fills it in (test/chart/template.test.ts). */
const promises: Child = {
  ...defaults,
  metadata: { name: 'steward-promises', namespace: 'steward-system' },
  spec: JSON.parse(JSON.stringify(promiseRules(settings)).replaceAll(OPERATOR_NAMESPACE, 'steward-system')),
};
const policy = backupPolicyOf({
  ...{ recoveryTimeObjective: '4h', verification: { maxAge: '840h' }, retention: { maximum: '9600h' } },
});
const backups = renderBackupRules(policy, backupPlan(policy.spec, bounds, new Date('2026-11-29T00:00:00Z')), {
  ...settings,
  namespace: 'steward-system',
});
const all = [defaults, promises, backups];
/** Higher than the default for CPU, lower for everything else, and sooner. */
const ownThresholds = {
  cpuPercent: 95,
  memoryPercent: 70,
  fileSystemWarningPercent: 50,
  fileSystemCriticalPercent: 60,
  pendingFor: '5m',
};
const overrides = overridesOf(ownThresholds);

let promtool: Promtool;

beforeAll(async () => {
  promtool = await Promtool.start();
});
afterAll(() => promtool.stop());

describe('promtool check rules', () => {
  it.each([
    ['the rules of a namespace', defaults],
    ['the rules on promises', promises],
    ['the rules of a BackupPolicy', backups],
    ['the rules of a VM with thresholds of its own', overrides],
    ['the rules of a VM with the longest names there are', longestNames()],
  ])('accepts %s', async (_, rules) => {
    const { code, output } = await promtool.run('check', 'rules', await promtool.ruleFile(rules));
    expect(output).toContain(`SUCCESS: ${rulesOf(rules).length} rules found`);
    expect(code).toBe(0);
  });

  it('refuses a rule that is broken on purpose, so it is really asked', async () => {
    const broken = { ...defaults, spec: { groups: [{ name: 'x', rules: [{ alert: 'X', expr: 'sum by (' }] }] } };
    const { code } = await promtool.run('check', 'rules', await promtool.ruleFile(broken));
    expect(code).not.toBe(0);
  });
});

describe('the admission webhook of prometheus-operator (MO-12)', () => {
  let webhook: PrometheusAdmission;
  beforeAll(async () => {
    webhook = await startPrometheusAdmission(console.log);
  });
  afterAll(() => webhook?.stop());

  it.each([
    ['the rules of a namespace', defaults],
    ['the rules of a BackupPolicy', backups],
    ['the rules of a VM with thresholds of its own', overrides],
    ['the rules of a VM with the longest names there are', longestNames()],
  ])('takes %s', async (_, rules) => {
    expect(await webhook.refusal(rules)).toBe('');
  });

  it('refuses a rule that is broken on purpose, so it is really asked', async () => {
    const broken = { ...defaults, spec: { groups: [{ name: 'x', rules: [{ alert: 'X', expr: 'sum by (' }] }] } };
    expect(await webhook.refusal(broken)).toContain('parse error');
  });
});

describe('MO-12: a healthy VM', () => {
  it('raises nothing', async () => {
    const calm: Situation = { name: 'a healthy VM', alert: '.+', world: {}, minute: 590, fires: [] };
    expect(await outcome(calm, all)).toEqual('SUCCESS');
  });
});

describe.each(alertNames(...all))('%s', alert => {
  const own = situations.filter(situation => situation.alert === alert);

  it.each(named(own.filter(({ fires }) => fires.length > 0)))('fires for %s', async (_, situation) => {
    expect(await outcome(situation, all)).toEqual('SUCCESS');
  });

  it.each(named(own.filter(({ fires }) => fires.length === 0)))('is silent for %s', async (_, situation) => {
    expect(await outcome(situation, all)).toEqual('SUCCESS');
  });

  it('has situations in which it fires and situations in which it is silent', () => {
    expect(own.some(({ fires }) => fires.length > 0)).toBe(true);
    expect(own.some(({ fires }) => fires.length === 0)).toBe(true);
  });
});

describe('the rules of another namespace', () => {
  const firing = situations.filter(({ alert, fires }) => fires.length > 0 && alert !== 'ManagedVMMonitoringImpaired');

  it.each(firing.filter(({ alert }) => alertNames(defaults).includes(alert)))(
    'do not raise $alert for $name',
    async situation => {
      const elsewhere = renderDefaultRules('globex', settings);
      expect(await outcome({ ...situation, fires: [] }, [elsewhere])).toEqual('SUCCESS');
    },
  );
});

describe('thresholds of a VM of its own', () => {
  const idle = (percent: number): Situation['world'] => ({ [series.cpu('idle')]: `0+${percent * 0.6}x600` });
  const available = (metric: string, left: number): Situation['world'] => ({ [metric]: `${left}x600` });
  const avail = series.fileSystem('avail_bytes');
  const memory = series.memory('MemAvailable');
  const rows: readonly Situation[] = [
    {
      name: 'CPU above the default and below its own',
      alert: 'ManagedVMCPUHigh',
      world: idle(8),
      minute: 60,
      fires: [],
    },
    { name: 'CPU at exactly its own', alert: 'ManagedVMCPUHigh', world: idle(5), minute: 60, fires: [] },
    {
      name: 'CPU above its own, for its own 5 minutes',
      alert: 'ManagedVMCPUHigh',
      world: idle(4),
      minute: 6,
      fires: [{}],
    },
    {
      name: 'memory above its own and below the default',
      alert: 'ManagedVMMemoryHigh',
      world: available(memory, 290),
      minute: 5,
      fires: [{}],
    },
    {
      name: 'memory at exactly its own',
      alert: 'ManagedVMMemoryHigh',
      world: available(memory, 300),
      minute: 60,
      fires: [],
    },
    {
      name: 'a file system above its own warning',
      alert: 'ManagedVMFileSystemAlmostFull',
      world: available(avail, 450),
      minute: 15,
      fires: [{ mountpoint: '/' }],
    },
    {
      name: 'a file system at exactly its own warning',
      alert: 'ManagedVMFileSystemAlmostFull',
      world: available(avail, 500),
      minute: 60,
      fires: [],
    },
    {
      name: 'a file system at 85 %, where the default would only warn',
      alert: 'ManagedVMFileSystemAlmostFull',
      world: available(avail, 150),
      minute: 60,
      fires: [],
    },
    {
      name: 'a file system above its own critical threshold',
      alert: 'ManagedVMFileSystemFull',
      world: available(avail, 390),
      minute: 5,
      fires: [{ mountpoint: '/' }],
    },
    {
      name: 'a file system at exactly its own critical threshold',
      alert: 'ManagedVMFileSystemFull',
      world: available(avail, 400),
      minute: 60,
      fires: [],
    },
  ];

  it.each(rows)('replace the defaults: $alert, $name', async situation => {
    expect(await outcome(situation, [defaults, overrides])).toEqual('SUCCESS');
  });

  it('leave the other VMs of the namespace at the defaults', async () => {
    const own = overridesOf(ownThresholds, 'another-vm');
    const busy: Situation = { name: 'busy', alert: 'ManagedVMCPUHigh', world: idle(8), minute: 60, fires: [{}] };
    expect(await outcome(busy, [defaults, own])).toEqual('SUCCESS');
  });
});

describe('what a person reads in an alert', () => {
  it.each([
    [
      'ManagedVMCPUHigh',
      'CPU at 91 %',
      'ManagedVM acme/shop-db uses 91.0 % of its CPUs; the threshold of 90 % has been exceeded for 15m.',
    ],
    [
      'ManagedVMFileSystemFull',
      'a file system with room and without inodes',
      'File system / of ManagedVM acme/shop-db has 95.0 % of its space or inodes in use; the critical threshold is 90 %.',
    ],
    [
      'ManagedVMDown',
      'a VM in a crash loop',
      'ManagedVM acme/shop-db shall run, and its VirtualMachine shop-db-01 has not been running for 5 minutes.',
    ],
    [
      'ManagedVMServiceNotRunning',
      'an expected unit that failed',
      'ManagedVM acme/shop-db names postgresql in spec.services, and it has not been running for 5 minutes.',
    ],
    [
      'ManagedVMClockOff',
      'a clock 11 s behind',
      'The clock of ManagedVM acme/shop-db is off by 11 s, or may be because it has lost its time source; allowed are 10 s.',
    ],
  ])('%s names the VM and its numbers', async (alert, name, description) => {
    const situation = situations.find(entry => entry.alert === alert && entry.name === name);
    const rule = rulesOf(defaults).find(entry => entry.alert === alert);
    if (!situation || !rule) throw new Error(`no situation ${name} of ${alert}`);
    const summary = rule.annotations.summary
      .replace('{{ $labels.managed_vm }}', 'shop-db')
      .replace('{{ $labels.mountpoint }}', '/')
      .replace('{{ $labels.service }}', 'postgresql');
    const expectations = {
      alert_rule_test: [
        {
          eval_time: `${situation.minute}m`,
          alertname: alert,
          exp_alerts: situation.fires.map(labels => ({
            exp_labels: { ...identity, severity: rule.labels.severity, ...labels },
            exp_annotations: { summary, description, runbook_url: `https://runbooks.example/${alert}.md` },
          })),
        },
      ],
    };
    expect(await promtoolTest(situation, [defaults], expectations)).toEqual('SUCCESS');
  });
});

describe('the question for alerts about guests that are new (MO-11)', () => {
  const labels = 'alertname="ManagedVMDown", managed_vm="shop-db", namespace="acme"';
  const sample = (of: string, value: number) => ({ labels: `{${labels}, of="${of}"}`, value });
  const at = (minute: number, ...exp_samples: readonly object[]) => ({
    ...{ expr: ALERTS_QUERY, eval_time: `${minute}m`, exp_samples },
  });

  it.each([
    ['nothing while it only holds', at(2)],
    ['when it came to hold, and that it fires', at(4, sample('began', 120), sample('firing', 1))],
    ['when it came to hold, once it has gone', at(8, sample('began', 120))],
    ['no more of the next time before that fires', at(9, sample('began', 120))],
  ])('tells %s', async (_, test) => {
    const rule = { alert: 'ManagedVMDown', expr: 'broken == 1', for: '1m' };
    const rules: Child = { ...defaults, spec: { groups: [{ name: 'played', rules: [rule] }] } };
    const input_series = [
      { series: 'broken{namespace="acme",managed_vm="shop-db"}', values: '0 0 1 1 1 0 0 0 0 1 1 1' },
    ];
    const tests = [{ interval: '1m', input_series, promql_expr_test: [test] }];
    const rule_files = [await promtool.ruleFile(rules)];
    const path = await promtool.file('test', { rule_files, evaluation_interval: '1m', tests });
    expect(await promtool.run('test', 'rules', path)).toMatchObject({
      code: 0,
      output: expect.stringContaining('SUCCESS'),
    });
  });
});

describe('a real Prometheus', () => {
  it('loads every rendered rule', async () => {
    const [port] = await freePorts(1);
    const files = await Promise.all([defaults, overrides, promises, backups].map(rules => promtool.ruleFile(rules)));
    const config = await promtool.file('prometheus', { rule_files: files, global: { evaluation_interval: '1s' } });
    const data = join(promtool.folder, 'data');
    const server = spawn(
      promtool.binaries.prometheus,
      [`--config.file=${config}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(server, 'exit');
    try {
      for await (const line of createInterface({ input: server.stderr })) if (line.includes('ready to receive')) break;
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/rules`);
      const answer = (await response.json()) as LoadedRules;
      const loaded = answer.data.groups.flatMap(group => group.rules.map(rule => `${group.name}/${rule.name}`));
      expect(loaded.sort()).toEqual([defaults, overrides, promises, backups].flatMap(names).sort());
      expect(answer.data.groups.flatMap(group => group.rules.filter(rule => rule.lastError))).toEqual([]);
    } finally {
      server.stderr.resume();
      server.kill();
      await ended;
    }
  });
});

type LoadedRules = {
  data: { groups: { name: string; rules: { name: string; lastError?: string }[] }[] };
};
type Rule = AlertRule & { record?: string };
type Groups = { groups: { name: string; rules: Rule[] }[] };

function groupsOf(rules: Child): Groups['groups'] {
  return (rules.spec as Groups).groups;
}

/** For titles, which show a `$name` only in part. */
function named(those: readonly Situation[]): [string, Situation][] {
  return those.map(situation => [situation.name, situation]);
}

function rulesOf(rules: Child): Rule[] {
  return groupsOf(rules).flatMap(group => group.rules);
}

function names(rules: Child): string[] {
  return groupsOf(rules).flatMap(group => group.rules.map(rule => `${group.name}/${rule.alert ?? rule.record}`));
}

function alertNames(...rules: readonly Child[]): string[] {
  const names = rules.flatMap(rulesOf).flatMap(rule => (rule.record === undefined ? [rule.alert] : []));
  // It needs weeks: unusual.test.ts.
  return names.filter(name => name !== 'ManagedVMUnusual');
}

function overridesOf(alertThresholds: Record<string, unknown>, name = 'shop-db', namespace = 'acme'): Child {
  const spec = { serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'debian-13', alertThresholds };
  const rules = renderOverrideRules(managedVMOf(spec, { name, namespace }), settings);
  if (!rules) throw new Error('no override rules');
  return rules;
}

function longestNames(): Child {
  return overridesOf({ cpuPercent: 50 }, `v${'m'.repeat(49)}`, 'n'.repeat(63));
}

/** The rules that decide about an alert: evaluating the others every minute would only take time. */
function only(rules: Child, alert: string): Child {
  const groups = groupsOf(rules)
    .filter(({ name }) => name !== RATING_GROUP)
    .map(group => ({
      ...group,
      rules: group.rules.filter(rule => rule.record !== undefined || new RegExp(`^${alert}$`).test(rule.alert)),
    }));
  return { ...rules, spec: { groups: groups.filter(group => group.rules.length > 0) } };
}

/** What promtool says about a situation: SUCCESS, or the difference between wanted and found. */
async function outcome(situation: Situation, rules: readonly Child[]): Promise<string> {
  const { alert, minute, fires } = situation;
  const severity = rules.flatMap(rulesOf).find(rule => rule.alert === alert)?.labels.severity ?? '';
  const labelsOf = (labels: Readonly<Record<string, string>>): string =>
    Object.entries({ alertname: alert, alertstate: 'firing', severity, ...subjectOf(alert), ...labels })
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name}="${value}"`)
      .join(',');
  return promtoolTest(situation, rules, {
    promql_expr_test: [
      {
        expr: `ALERTS{alertname=~"${alert}",alertstate="firing"}`,
        eval_time: `${minute}m`,
        exp_samples: fires.map(labels => ({ labels: `ALERTS{${labelsOf(labels)}}`, value: 1 })),
      },
    ],
  });
}

/** Labels of whatever an alert is about: most are about a VM, missing metrics concern a namespace, other situations say it themselves. */
function subjectOf(alert: string): Readonly<Record<string, string>> {
  if (alert === 'ManagedVMMonitoringImpaired') return { namespace: identity.namespace };
  return alert.startsWith('ManagedVM') ? identity : {};
}

async function promtoolTest(
  situation: Situation,
  rules: readonly Child[],
  expectations: Record<string, unknown>,
): Promise<string> {
  const world = Object.entries({ ...healthy, ...situation.world });
  const input_series = world.flatMap(([name, values]) => (values === undefined ? [] : [{ series: name, values }]));
  const test = {
    rule_files: await Promise.all(rules.map(rendered => promtool.ruleFile(only(rendered, situation.alert)))),
    evaluation_interval: '1m',
    tests: [{ name: situation.name, interval: '1m', input_series, ...expectations }],
  };
  const path = await promtool.file('test', test);
  const { code, output } = await promtool.run('test', 'rules', path);
  return code === 0 ? 'SUCCESS' : output;
}
