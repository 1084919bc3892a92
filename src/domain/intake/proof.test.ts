import { describe, expect, it } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';
import { heldOf, labels, NOW, named, own, RULES_UID, seenOf, uidOf, vm } from './intake.fixtures.ts';
import type { Labels } from './pointer.ts';
import { alertsOfSeries, findHeld, isFileOf, provenBy, sensorSays, stillHolds } from './proof.ts';
import { holding, type SeenRule } from './seenrules.ts';

const DOWN = 'ManagedVMDown';
const alert = labels(DOWN);
const rules = own(DOWN);
const seen = seenOf(rules[0], alert);

const held = (...alerts: Parameters<typeof holding>[1]) => holding(seen, alerts);

const found = (those: readonly SeenRule[], told = alert, subject: Parameters<typeof findHeld>[1] = named) =>
  findHeld(told, subject, { own: rules, seen: those, uidOf });
const why = (...args: Parameters<typeof found>) => {
  const finding = found(...args);
  return 'unproven' in finding ? finding.unproven : 'Held';
};

describe('MO-14: an alert is only a pointer', () => {
  it('and counts where the rule that Steward renders holds it', () => {
    expect(found([seen])).toMatchObject({ held: { rule: rules[0], alert: { labels: alert } } });
    expect(why([seen], new Map([...alert, ['cluster', 'north'], ['prometheus', 'k8s-0']]))).toBe('Held');
  });

  const victim = labels(DOWN, { managed_vm: 'victim' });
  it.each([
    ['a rule of that name in a tenant’s file', [seenOf(rules[0], alert, 'acme-mine-bbbb.yaml')], 'NotInOurFile'],
    [
      'a file that ends as ours does, of a PrometheusRule that was made in its place',
      [seenOf(rules[0], alert, 'acme-steward-defaults-cccc.yaml')],
      'NotInOurFile',
    ],
    ['a group of another name', [{ ...seen, group: 'mine' }], 'NotInOurFile'],
    ['another expression in our file', [{ ...seen, expression: 'vector(1)' }], 'OtherRule'],
    ['more added to our expression', [{ ...seen, expression: `${seen.expression} or vector(1)` }], 'OtherRule'],
    ['other labels in our file', [{ ...seen, labels: new Map([...seen.labels, ['managed_vm', 'x']]) }], 'OtherRule'],
    ['no time of waiting in our file', [{ ...seen, pendingFor: 0 }], 'OtherRule'],
    ['an alert that waits still', [held({ labels: alert, firing: false, activeAt: NOW })], 'NotFiring'],
    [
      'our rule, which holds an alert about another VM',
      [held({ labels: victim, firing: true, activeAt: NOW })],
      'NotFiring',
    ],
    ['our rule, which holds none', [held()], 'NotFiring'],
    ['no rules at all', [], 'NotInOurFile'],
  ] as const)('with %s it is not proven', (_, those, reason) => {
    expect(why(those)).toBe(reason);
  });

  it('of another tenant’s labels, raised by our own rule about his own VM, is not proven', () => {
    expect(why([seen], victim, { ...named, name: 'victim' })).toBe('NotFiring');
  });

  it('at a level without monitoring has no rule', () => {
    const finding = findHeld(alert, named, { own: own(DOWN, vm({ serviceLevel: 'Admin' })), seen: [seen], uidOf });
    expect(finding).toMatchObject({
      unproven: 'NoRuleOfOurs',
      message: 'No rule of Steward about ManagedVM acme/shop-db is called ManagedVMDown.',
    });
  });
});

describe('MO-14: the sensor, asked again', () => {
  const found = heldOf(DOWN);
  const says = (...those: Labels[]) => sensorSays(found, alertsOfSeries(found.rule, those));
  const series = new Map([...alert].filter(([name]) => name !== 'alertname' && name !== 'severity'));
  it('says so where the expression gives the series of the alert', () => {
    expect(says(new Map([['a', 'b']]), series)).toBe(true);
  });

  it('denies it where the expression gives nothing, or a series of another', () => {
    expect(says()).toBe(false);
    expect(says(new Map([...series, ['managed_vm', 'other']]))).toBe(false);
    expect(says(new Map([...series, ['more', 'x']]))).toBe(false);
  });

  it('is named in the incident with the file of the rule and the instants', () => {
    expect(provenBy(found, NOW)).toEqual({
      rule: `/etc/prometheus/rules/prometheus-k8s-rulefiles-0/acme-steward-defaults-${RULES_UID}.yaml, group managedvm-state`,
      message:
        'Rule ManagedVMDown is as Steward renders it, its expression has held since 2026-11-30T11:40:00Z, and held when it was asked again at 2026-11-30T12:00:00Z.',
    });
  });
});

describe('MO-14: whether it is over', () => {
  const fingerprint = fingerprintOf(alert);
  const holds = (those: readonly SeenRule[], mine = rules) =>
    stillHolds(fingerprint, { own: mine, seen: those, uidOf });
  it.each([
    ['no, where the rule holds it', [seen], true],
    ['no, where the rule holds it and it waits', [held({ labels: alert, firing: false, activeAt: NOW })], true],
    ['yes, where the rule holds it no more', [held()], false],
    [
      'unknown, where the rule was not evaluated since Prometheus started',
      [{ ...held(), evaluated: false }],
      undefined,
    ],
    ['unknown, where Prometheus has not loaded it', [], undefined],
    ['unknown, where only a tenant has such a rule', [seenOf(rules[0], alert, 'x.yaml')], undefined],
  ] as const)('%s', (_, those, said) => {
    expect(holds(those)).toBe(said);
  });

  it('yes, where nobody watches it any more', () => {
    expect(holds([seen], [])).toBe(false);
  });
});

it.each([
  ['/etc/rules/acme-steward-defaults-u1.yaml', true],
  ['acme-steward-defaults-u1.yaml', true],
  ['alloy/acme/steward-defaults/u1', true],
  ['/etc/rules/other-acme-steward-defaults-u1.yaml', false],
  ['/etc/rules/acme-steward-defaults-u1.yaml.mine', false],
  ['/etc/rules/acme-steward-defaults.yaml', false],
])('the file %s is that of a PrometheusRule: %s', (file, is) => {
  expect(isFileOf(file, { namespace: 'acme', name: 'steward-defaults' }, 'u1')).toBe(is);
});
