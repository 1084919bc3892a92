import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONDITIONS, type ConditionType, REASONS } from './reasons.ts';

const types = Object.keys(CONDITIONS) as ConditionType[];
const reasons = Object.entries(REASONS);

function rowsOf(type: ConditionType): string[] {
  const rows = reasons.filter(([, { on }]) => (on as readonly string[]).includes(type));
  return rows.map(([reason, { meaning, action }]) => `| \`${reason}\` | ${meaning} | ${action} |`);
}

function render(): string {
  const sections = types.map(type =>
    [
      `## ${type}`,
      '',
      CONDITIONS[type],
      '',
      '| reason | meaning | what to do |',
      '|---|---|---|',
      ...rowsOf(type),
    ].join('\n'),
  );
  return `${[
    '# Conditions of a ManagedVM',
    '<!-- Generated from src/domain/contract/reasons.ts by `npx vitest run src/domain/contract/reasons.test.ts --project unit --update`; do not edit. -->',
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

  it.each(reasons)('%s is CamelCase, and says what it means and what to do', (reason, { on, meaning, action }) => {
    expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(on.length).toBeGreaterThan(0);
    expect(meaning).toMatch(/\.$/);
    expect(action).toMatch(/\.$/);
  });

  it.each(['../machine/lifecycle.ts', '../backup/backupcompliance.ts', '../backup/backupplan.ts'])(
    'names every reason that %s gives',
    file => {
      const source = readFileSync(new URL(file, import.meta.url), 'utf8');
      const given = [...source.matchAll(/(?:reason: |broken\(\s*|unknown\(\s*)'([A-Za-z]+)'/g)].map(match => match[1]);
      expect(given.length).toBeGreaterThan(2);
      expect(given.filter(reason => !Object.hasOwn(REASONS, reason ?? ''))).toEqual([]);
    },
  );
});
