/** Whether two expressions of PromQL are the same one, for Prometheus writes each back in its own spelling. */

/** Longer than any rule of ours. */
const LONGEST = 20_000;

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|((?:\d+(?:ms|[smhdwy]))+)(?![\w.])|(0x[0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_:][A-Za-z0-9_:]*)|(=~|!~|!=|==|>=|<=|[-+*/%^@=<>(){}[\],]))/y;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
  ['y', 31_536_000_000],
]);

/**
 * True where both are made of the same tokens: only white space, the order of matchers in braces, and the writing of numbers (`2097152`, `2.097152e+06`) and
 * of durations (`168h`, `1w`) may differ. Nothing else is taken for the same, though Prometheus might.
 */
export function isSameExpression(one: string, other: string): boolean {
  const [a, b] = [tokensOf(one), tokensOf(other)];
  return a !== undefined && b !== undefined && a.length === b.length && a.every((token, index) => token === b[index]);
}

/** Undefined where there is something in it that no expression of ours has. */
function tokensOf(expression: string): readonly string[] | undefined {
  const text = expression.trimEnd();
  if (text.length > LONGEST) return undefined;
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const [, quoted, duration, number, word, sign] = TOKEN.exec(text) ?? [];
    const token =
      quoted ?? (duration === undefined ? undefined : `${msOf(duration)}ms`) ?? numberOf(number) ?? word ?? sign;
    if (token === undefined) return undefined;
    found.push(token);
    if (token === '}') sortMatchers(found);
  }
  return found;
}

/** Prometheus writes the matchers of a selector in the order of their texts. */
function sortMatchers(tokens: string[]): void {
  const open = tokens.lastIndexOf('{');
  if (open === -1) return;
  const inner = tokens.splice(open + 1).slice(0, -1);
  const matchers: string[][] = [[]];
  for (const token of inner) {
    if (token === ',') matchers.push([]);
    else matchers.at(-1)?.push(token);
  }
  tokens.push(...matchers.map(matcher => matcher.join(' ')).toSorted(), '}');
}

/** Of a duration as Prometheus writes one; 0 of any other text. */
export function msOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)(ms|[smhdwy])/g)];
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS.get(unit) ?? 0), 0);
}

function numberOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : String(Number(text));
}
