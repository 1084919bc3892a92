/** Line plots as SVG: one line per series, a point per number measured, axes from zero. */

export type Point = { readonly x: number; readonly y: number };
export type Series = { readonly name: string; readonly points: readonly Point[] };
export type Plot = {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
};

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = { left: 70, right: 170, top: 40, bottom: 50 };
/** Told apart by the colour-blind too (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#000000'];
const TICKS = 5;

export function drawn({ title, xLabel, yLabel, series }: Plot): string {
  const points = series.flatMap(each => each.points);
  const [right, top] = [roundedUp(points.map(({ x }) => x)), roundedUp(points.map(({ y }) => y))];
  const x = (value: number) => MARGIN.left + (value / right) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) => HEIGHT - MARGIN.bottom - (value / top) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => index / TICKS);
  const grid = ticks.flatMap(part => [
    line(x(0), y(part * top), x(right), y(part * top)),
    text(x(0) - 8, y(part * top) + 4, number(part * top), 'end'),
    text(x(part * right), y(0) + 18, number(part * right), 'middle'),
  ]);
  const lines = series.flatMap(({ name, points: own }, index) => {
    const colour = COLOURS[index % COLOURS.length] ?? '';
    const path = own.map(point => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`);
    return [
      `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...path.map(each => `<circle cx="${each.split(',')[0]}" cy="${each.split(',')[1]}" r="3" fill="${colour}"/>`),
      `<rect x="${x(right) + 16}" y="${MARGIN.top + index * 20}" width="12" height="12" fill="${colour}"/>`,
      text(x(right) + 34, MARGIN.top + index * 20 + 10, name, 'start'),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(WIDTH / 2, 22, title, 'middle'),
    text((x(0) + x(right)) / 2, HEIGHT - 10, xLabel, 'middle'),
    `<g transform="rotate(-90 16 ${HEIGHT / 2})">${text(16, HEIGHT / 2, yLabel, 'middle')}</g>`,
    ...grid,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

/** The next number of the kind 1, 2 or 5 with zeros. */
function roundedUp(numbers: readonly number[]): number {
  const most = Math.max(...numbers, Number.MIN_VALUE);
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5].find(step => step * power >= most) ?? 10) * power;
}

function number(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#dddddd"/>`;
}

function text(x: number, y: number, content: string, anchor: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped}</text>`;
}
