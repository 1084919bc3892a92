import { Gauge } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { ConditionInput } from '../api/conditions.ts';
import { ConditionSeries } from './conditionseries.ts';
import { OpenRegistry } from './registry.ts';

const widget = (name: string, uid = name) => ({
  ...{ apiVersion: 'example.com/v1', kind: 'Widget' },
  metadata: { name, namespace: 'acme', uid },
});
const says = (type: string, status: ConditionInput['status'], reason: string): ConditionInput => ({
  ...{ type, status, reason },
  message: 'not a label: it changes with every number',
});

function linesOf(series: ConditionSeries): string[] {
  return [...series.pieces()]
    .join('')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
}

describe('MO-5: the series of conditions', () => {
  it('are one for each condition, with its status and reason as they are now', () => {
    const series = new ConditionSeries('x_condition');
    series.record(widget('a'), [says('Ready', 'False', 'Importing'), says('Stalled', 'False', 'Settled')]);
    series.record(widget('a'), [says('Ready', 'True', 'Running'), says('Stalled', 'False', 'Settled')]);
    expect(linesOf(series)).toEqual([
      'x_condition{kind="Widget",namespace="acme",name="a",type="Ready",status="True",reason="Running"} 1',
      'x_condition{kind="Widget",namespace="acme",name="a",type="Stalled",status="False",reason="Settled"} 1',
    ]);
  });

  it('go with their object, and not with one of the same name that came after it', () => {
    const series = new ConditionSeries('x_condition');
    series.record(widget('a', 'old'), [says('Ready', 'True', 'Running')]);
    series.record(widget('a', 'new'), [says('Ready', 'False', 'Importing')]);
    series.forget('old');
    expect(linesOf(series)).toEqual([
      'x_condition{kind="Widget",namespace="acme",name="a",type="Ready",status="False",reason="Importing"} 1',
    ]);
    series.forget('new');
    expect(linesOf(series)).toEqual([]);
  });

  it('of an object without a namespace have an empty one', () => {
    const series = new ConditionSeries('x_condition');
    series.record({ ...widget('a'), metadata: { name: 'a', uid: 'a' } }, [says('Ready', 'True', 'Listed')]);
    expect(linesOf(series)[0]).toContain('namespace="",name="a"');
  });

  it('escape what a label value may not hold', () => {
    const series = new ConditionSeries('x_condition');
    series.record(widget('a'), [says('Ready', 'True', 'a"b\\c\nd')]);
    expect(linesOf(series)[0]).toContain('reason="a\\"b\\\\c\\nd"} 1');
  });

  it('are given out in pieces of whole lines, none of which is all', () => {
    const series = new ConditionSeries('x_condition');
    for (let i = 0; i < 10_000; i += 1) series.record(widget(`w-${i}`), [says('Ready', 'True', 'Running')]);
    const pieces = [...series.pieces()];
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.every(piece => piece.endsWith('} 1\n'))).toBe(true);
    expect(linesOf(series)).toHaveLength(10_000);
  });

  it('are given out beside what prom-client keeps, each family once and whole', async () => {
    const registry = new OpenRegistry();
    const series = new ConditionSeries('x_condition');
    registry.add(series);
    new Gauge({ name: 'x_other', help: 'Other.', registers: [registry] }).set(1);
    series.record(widget('a'), [says('Ready', 'True', 'Running')]);
    const text = await registry.metrics();
    expect(text.match(/^# TYPE x_\w+ gauge$/gm)).toEqual(['# TYPE x_other gauge', '# TYPE x_condition gauge']);
    expect(text).toMatch(/^x_other 1$/m);
    expect(text).toMatch(/^x_condition\{.*\} 1\n$/m);
  });
});
