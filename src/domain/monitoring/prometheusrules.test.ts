import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BLACKBOX, MEASURED, watched } from '../application/watched.fixtures.ts';
import { backupPolicyOf, bounds } from '../backup/backup.fixtures.ts';
import { backupPlan } from '../backup/backupplan.ts';
import type { AlertRule } from '../contract/alert.ts';
import type { Child } from '../contract/child.ts';
import { countedConditions, REASONS } from '../managedvm/conditions.ts';
import { alertThatTells, promiseAlerts } from '../managedvm/promisealerts.ts';
import { promiseRules } from '../managedvm/promiserules.ts';
import { PROMISES } from '../managedvm/promises.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import { renderApplicationRules } from '../policies/applicationrules.ts';
import { renderBackupRules } from '../policies/backuprules.ts';
import { stateAlerts } from './alerts.ts';
import { systemEventAlerts } from './eventalerts.ts';
import { renderDefaultRules, renderOverrideRules } from './prometheusrules.ts';

const settings = { monitoringLabels: { release: 'prometheus' }, runbookBaseURL: 'https://runbooks.example/' };
const runbooks = join(import.meta.dirname, '../../../docs/runbooks');

type Rule = AlertRule | { record: string; expr: string; labels: Record<string, string> };

function rulesOf(child: Child): Rule[] {
  return (child.spec as { groups: { rules: Rule[] }[] }).groups.flatMap(group => group.rules);
}

function alertsOf(child: Child): AlertRule[] {
  return rulesOf(child).filter(rule => 'alert' in rule);
}

const overrides = (spec: Record<string, unknown>) =>
  renderOverrideRules(
    managedVMOf({ serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'debian-13', ...spec }),
    settings,
  );

describe('the rules of a namespace', () => {
  const rules = renderDefaultRules('acme', settings);

  it('are one object that the cluster selects by the provider’s labels', () => {
    expect(rules.metadata).toEqual({ name: 'steward-defaults', namespace: 'acme', labels: { release: 'prometheus' } });
  });

  it('carry no empty labels where the provider sets none', () => {
    expect(renderDefaultRules('acme', { ...settings, monitoringLabels: {} }).metadata).toEqual({
      name: 'steward-defaults',
      namespace: 'acme',
    });
  });

  it('look at series of this namespace only', () => {
    for (const { expr } of alertsOf(rules)) {
      const selectors = expr.match(/\{[^}]*\}/g) ?? [];
      expect(selectors.length).toBeGreaterThan(0);
      expect(selectors.filter(selector => !selector.startsWith('{namespace="acme"'))).toEqual([]);
    }
  });

  it('do not repeat an alert that KubeVirt brings itself', () => {
    expect(alertsOf(rules).map(rule => rule.alert)).toEqual(
      expect.arrayContaining(['ManagedVMDown', 'ManagedVMAgentLost', 'ManagedVMServiceNotRunning']),
    );
    for (const { alert } of alertsOf(rules)) expect(alert).toMatch(/^ManagedVM/);
  });
});

const promises = promiseRules(settings).groups.flatMap(group => group.rules as AlertRule[]);
const policy = backupPolicyOf({
  ...{ recoveryTimeObjective: '4h', verification: { maxAge: '840h' }, retention: { maximum: '9600h' } },
});
const backups = renderBackupRules(policy, backupPlan(policy.spec, bounds, new Date('2026-11-29T00:00:00Z')), {
  ...settings,
  namespace: 'steward-system',
});
const applications = renderApplicationRules(watched('Expert', MEASURED.monitoring, BLACKBOX), settings);
const every = [
  ...alertsOf(renderDefaultRules('acme', settings)),
  ...promises,
  ...alertsOf(backups),
  ...alertsOf(applications),
];
/** About no object: nothing can be named. */
const NAMELESS = new Set([
  'StewardAbsent',
  'StewardAlertsNotCompared',
  'StewardAlertsNotProven',
  'StewardGuestWorkerLost',
  'StewardNoticesDead',
  'StewardNoticesWaiting',
  'StewardRecordsNotExported',
  'StewardRecordsStopped',
]);

describe('MO-5, AP-13: promises', () => {
  const names = new Set(
    [...stateAlerts('acme'), ...systemEventAlerts('acme'), ...promiseAlerts(), ...alertsOf(backups)].map(
      ({ alert }) => alert,
    ),
  );

  it.each(Object.entries(countedConditions(PROMISES)))(
    '%s has an alert that tells when it is broken',
    (type, meaning) => {
      expect(names, type).toContain(alertThatTells(meaning));
    },
  );

  it('that are told by another alert name one that there is', () => {
    const told = Object.values(REASONS).flatMap(({ toldBy }) => toldBy ?? []);
    expect(told.filter(alert => !names.has(alert))).toEqual([]);
  });
});

describe('every alert', () => {
  it.each(every.map(rule => [rule.alert, rule] as const))(
    '%s has a severity, a sentence with the object in it, and its runbook',
    (alert, rule) => {
      expect(rule.labels.severity).toMatch(/^(critical|warning)$/);
      const named = /\{\{ \$labels\.(namespace|name) \}\}|ManagedApplication acme\/shop-orders/;
      if (!NAMELESS.has(alert)) expect(rule.annotations.description).toMatch(named);
      expect(rule.annotations.runbook_url).toBe(`https://runbooks.example/${alert}.md`);
      const runbook = readFileSync(join(runbooks, `${alert}.md`), 'utf8');
      expect(runbook.startsWith(`# ${alert}\n`)).toBe(true);
      for (const section of ['Meaning', 'Impact', 'Diagnosis', 'Remedy', 'Escalation']) {
        expect(runbook).toContain(`\n## ${section}\n`);
      }
      expect(runbook).toContain(rule.for);
      expect(runbook).toContain(rule.labels.severity);
    },
  );

  it('has a runbook, and every runbook an alert', () => {
    const names = [...new Set(every.map(rule => `${rule.alert}.md`))];
    const pages = readdirSync(runbooks).filter(page => page !== 'README.md');
    expect(pages.sort()).toEqual(names.sort());
    const overview = readFileSync(join(runbooks, 'README.md'), 'utf8');
    for (const name of names) expect(overview).toContain(`](${name})`);
  });
});

describe('runbooks', () => {
  it.each(readdirSync(runbooks))('MO-8: no runbook sends anybody to a login on the console: %s', page => {
    const text = readFileSync(join(runbooks, page), 'utf8');
    for (const [line] of text.matchAll(/^.*virtctl .*(?:console|vnc).*$/gm)) {
      expect(`${line} ${text.slice(text.indexOf(line), text.indexOf(line) + 300)}`).toMatch(
        /nobody can log in|prints|shows what/,
      );
    }
    expect(text).not.toMatch(/log in (?:on|at|by|through) the console/i);
  });
});

describe('the rules of one VM', () => {
  it('exist only where a threshold differs from the defaults', () => {
    expect(overrides({})).toBeUndefined();
    expect(overrides({ alertThresholds: { cpuPercent: 90 } })).toBeUndefined();
    expect(overrides({ alertThresholds: { cpuPercent: 91 } })).toBeDefined();
  });

  it('MO-5: do not exist at a level without monitoring', () => {
    expect(overrides({ serviceLevel: 'Admin', alertThresholds: { cpuPercent: 50 } })).toBeUndefined();
  });

  it('mark the VM, so that the namespace’s rules leave it out and need no edit', () => {
    const rules = overrides({ alertThresholds: { cpuPercent: 50 } });
    expect(rules && rulesOf(rules)[0]).toEqual({
      record: 'managedvm:thresholds_overridden',
      expr: 'vector(1)',
      labels: { namespace: 'acme', managed_vm: 'shop-db' },
    });
  });

  it('repeat, at the VM’s values, exactly the alerts that leave it out', () => {
    const rules = overrides({ alertThresholds: { cpuPercent: 50 } });
    const excluding = alertsOf(renderDefaultRules('acme', settings)).filter(rule =>
      rule.expr.includes('unless on (namespace, managed_vm) managedvm:thresholds_overridden'),
    );
    expect(rules && alertsOf(rules).map(rule => rule.alert)).toEqual(excluding.map(rule => rule.alert));
  });
});
