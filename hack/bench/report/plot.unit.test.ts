import { describe, expect, it } from 'vitest';
import { drawn } from './plot.ts';

const plot = {
  title: 'Time & <memory>',
  ...{ xLabel: 'ManagedVMs', yLabel: 'seconds' },
  series: [
    {
      name: 'Steward',
      points: [
        { x: 0, y: 0 },
        { x: 1000, y: 20 },
      ],
    },
  ],
};

describe('a plot', () => {
  it('puts zero into the corner and the greatest number at the end of both axes', () => {
    expect(drawn(plot)).toContain('points="70.0,350.0 470.0,40.0"');
  });

  it('names every series, and its text is text', () => {
    expect(drawn(plot)).toContain('>Steward</text>');
    expect(drawn(plot)).toContain('Time &amp; &lt;memory>');
  });

  it('rounds its axes up to a number that people read easily', () => {
    const [series] = plot.series;
    const higher = { ...plot, series: [{ name: 'one', points: [...(series?.points ?? []), { x: 1200, y: 21 }] }] };
    expect(drawn(higher)).toContain('>2000</text>');
    expect(drawn(higher)).toContain('>50</text>');
  });
});
