import { describe, expect, it } from 'vitest';
import { SHARED_REASONS } from '../contract/reasons.ts';
import { CONDITIONS, REASONS, reasonsOn } from './conditions.ts';
import { PROMISES } from './promises.ts';

const reasons = Object.entries(REASONS);

function rowsOf(type: string): string[] {
  const rows = reasonsOn(PROMISES, type);
  const left = ' While it reads so it is left out of SLACompliant, for it waits for the customer (GE-4).';
  return rows.map(
    ([reason, { meaning, action, cooperation }]) =>
      `| \`${reason}\` | ${meaning}${cooperation ? left : ''} | ${action} |`,
  );
}

function render(): string {
  const sections = Object.entries(CONDITIONS).map(([type, { meaning }]) =>
    [`## ${type}`, '', meaning, '', '| reason | meaning | what to do |', '|---|---|---|', ...rowsOf(type)].join('\n'),
  );
  return `${[
    '# Conditions of a ManagedVM',
    '<!-- Generated from the reasons.ts of each promise in src/domain by `npx vitest run src/domain/managedvm/conditions.test.ts --project unit --update`; do not edit. -->',
    [
      'Every condition is always there. `True` means that it is so and that something proves it; `Unknown` that it cannot be known,',
      'or is not promised (`NotIncluded`). `Ready`, `Reconciling` and `Stalled` follow kstatus, so `kubectl wait`, Helm and Argo CD read them.',
      'When `Reconciling` or `Stalled` is `True`, it carries the reason of `Ready`. A condition recovers by itself when its cause is cured.',
      'The message of a condition names the objects and the numbers; `lastTransitionTime` tells since when.',
    ].join('\n'),
    ...sections,
  ].join('\n\n')}\n`;
}

describe('the catalogue of reasons', () => {
  it('is what docs/conditions.md shows', async () => {
    await expect(render()).toMatchFileSnapshot('../../../docs/conditions.md');
  });

  it.each(reasons)('%s is CamelCase, and says what it means and what to do', (reason, { meaning, action }) => {
    expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(meaning).toMatch(/\.$/);
    expect(action).toMatch(/\.$/);
  });

  it.each(Object.entries(PROMISES))('%s knows each reason and condition that it names', (_, promise) => {
    const theirs = Object.values(promise.conditions).flatMap(({ shares = [] }) => shares);
    expect(theirs.filter(reason => !Object.hasOwn(REASONS, reason))).toEqual([]);
    const on = Object.values(promise.reasons).flatMap(reason => reason.on);
    expect(on.filter(type => type !== 'Ready' && !Object.hasOwn(promise.conditions, type))).toEqual([]);
  });

  it('gives every reason one home', () => {
    const homes = [SHARED_REASONS, ...Object.values(PROMISES).map(promise => promise.reasons)].flatMap(Object.keys);
    expect(homes.filter((reason, index) => homes.indexOf(reason) !== index)).toEqual([]);
  });

  it.each(reasons)('%s is carried by a condition', reason => {
    const carriers = Object.keys(CONDITIONS).filter(type => reasonsOn(PROMISES, type).some(([on]) => on === reason));
    expect(carriers).not.toEqual([]);
  });
});
