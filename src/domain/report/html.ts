/**
 * A report as one HTML page that holds all of itself: no script, no picture or font from elsewhere, and a policy by which a browser fetches nothing. What
 * people, guests and alerts have written is text and never markup.
 */
import type { Block, ReportDocument } from './document.ts';
import type { Tone } from './words.ts';

/** Dark enough on white for everybody (WCAG AA), and told by words too. */
const COLOURS: Readonly<Record<Tone, string>> = { Kept: '#1b6e3c', Broken: '#b3261e', Unproven: '#6b5900' };

const STYLE = [
  ':root{color-scheme:light}',
  'body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:2rem auto;padding:0 1rem;max-width:72rem}',
  'h1{font-size:1.8rem;margin:0}h2{font-size:1.25rem;margin:2rem 0 .5rem}p{margin:.5rem 0}',
  'table{border-collapse:collapse;width:100%;font-size:.85rem;margin:1rem 0}',
  'caption{text-align:left;font-weight:600;padding:.25rem 0}',
  'th,td{border-bottom:1px solid #c4c4c4;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:break-word;hyphens:auto}',
  'div.wide{overflow-x:auto}div.wide:focus{outline:3px solid #0b57d0}svg{width:100%;height:2.5rem}',
  '@media print{body{margin:0;max-width:none;font-size:10pt}main>section:first-child{break-after:page}tr,li{break-inside:avoid}thead{display:table-header-group}div.wide{overflow:visible}}',
].join('');

export function htmlOf({ language, title, subtitle, front, rest }: ReportDocument): string {
  return [
    '<!doctype html>',
    `<html lang="${language}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>${escaped(`${title} – ${subtitle}`)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<header><h1>${escaped(title)}</h1><p>${escaped(subtitle)}</p></header>`,
    '<main>',
    ...[front, rest].flatMap(blocks => ['<section>', ...blocks.map(blockHtml), '</section>']),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function blockHtml(block: Block): string {
  switch (block.block) {
    case 'Heading':
      return `<h2>${escaped(block.text)}</h2>`;
    case 'Text':
      return `<p>${escaped(block.text)}</p>`;
    case 'List':
      return `<ul>${block.items.map(item => `<li>${escaped(item)}</li>`).join('')}</ul>`;
    case 'Table':
      return tableHtml(block);
    case 'Bar':
      return barSvg(block);
  }
}

/** Wide tables scroll by the keyboard too. */
function tableHtml({ caption, head, rows }: Extract<Block, { block: 'Table' }>): string {
  const heads = head.map(cell => `<th scope="col">${escaped(cell)}</th>`).join('');
  const body = rows.map(([first = '', ...cells]) => {
    const rest = cells.map(cell => `<td>${escaped(cell)}</td>`).join('');
    return `<tr><th scope="row">${escaped(first)}</th>${rest}</tr>`;
  });
  const table = `<table><caption>${escaped(caption)}</caption><thead><tr>${heads}</tr></thead><tbody>${body.join('')}</tbody></table>`;
  return `<div class="wide" tabindex="0" role="region" aria-label="${escaped(caption)}">${table}</div>`;
}

function barSvg({ alt, parts }: Extract<Block, { block: 'Bar' }>): string {
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  const legend = parts.map(({ label, value }) => `${value} ${label}`).join(' · ');
  if (total === 0) return `<p>${escaped(legend)}</p>`;
  let x = 0;
  const bars = parts.map(({ tone, value }) => {
    const width = Math.round((value * 1000) / total);
    const bar = `<rect x="${x}" y="0" width="${width}" height="40" fill="${COLOURS[tone]}"/>`;
    x += width;
    return value === 0 ? '' : bar;
  });
  const svg = `<svg viewBox="0 0 1000 40" preserveAspectRatio="none" role="img" aria-label="${escaped(alt)}">${bars.join('')}</svg>`;
  return `<figure style="margin:1rem 0">${svg}<figcaption>${escaped(legend)}</figcaption></figure>`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES.get(character) ?? character);
}
