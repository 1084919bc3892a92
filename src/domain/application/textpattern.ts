/**
 * Patterns by which a provider says what a Text may be. A language of its own, a part of regular expressions: RegExp would need
 * exponential time for some of them, this never more than the pattern's length times the square of the value's (ADR 0174).
 */

/** Code points from the first to the last. */
export type Range = readonly [first: number, last: number];

type Node =
  | { readonly type: 'characters'; readonly ranges: readonly Range[] }
  | { readonly type: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly type: 'choice'; readonly nodes: readonly Node[] }
  | { readonly type: 'repeated'; readonly node: Node; readonly least: number; readonly most: number };

export type TextPattern = Node;

/** No value is longer, so no count is greater. */
const MOST = 256;
const DIGITS: Range = [0x30, 0x39];

/** A pattern, or what is wrong with it: the rest of a sentence that begins with the pattern. */
export type ReadPattern = { readonly pattern: TextPattern } | { readonly problem: string };

export function readPattern(text: string): ReadPattern {
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return { problem: 'has a control character in it' };
  try {
    const parser = new Parser([...text]);
    const pattern = parser.choice();
    return parser.ended ? { pattern } : { problem: 'closes a group that it has not opened' };
  } catch (error) {
    if (error instanceof PatternProblem) return { problem: error.message };
    throw error;
  }
}

/** Whether a text is admitted, from its beginning to its end. */
export function matches(pattern: TextPattern, text: string): boolean {
  const points = [...text].map(pointOf);
  return endsOf(pattern, points, new Set([0])).has(points.length);
}

/** Every character that stands in some text that is admitted stands in one of these. */
export function alphabetOf(pattern: TextPattern): readonly Range[] {
  if (pattern.type === 'characters') return pattern.ranges;
  if (pattern.type === 'repeated') return alphabetOf(pattern.node);
  return pattern.nodes.flatMap(alphabetOf);
}

/** Where it can end in a text, from each of some beginnings. All of them at once, so nothing is ever tried twice. */
function endsOf(node: Node, text: readonly number[], starts: ReadonlySet<number>): ReadonlySet<number> {
  switch (node.type) {
    case 'characters':
      return new Set([...starts].filter(at => isIn(node.ranges, text[at])).map(at => at + 1));
    case 'sequence':
      return node.nodes.reduce((reached, each) => endsOf(each, text, reached), starts);
    case 'choice':
      return new Set(node.nodes.flatMap(each => [...endsOf(each, text, starts)]));
    case 'repeated':
      return endsOfRepeated(node, text, starts);
  }
}

/** A place that was reached by fewer repetitions is not gone on from again. */
function endsOfRepeated(
  { node, least, most }: Node & { readonly type: 'repeated' },
  text: readonly number[],
  starts: ReadonlySet<number>,
): ReadonlySet<number> {
  const ends = new Set(least === 0 ? starts : []);
  let reached = starts;
  for (let count = 1; count <= most && reached.size > 0; count++) {
    const next = endsOf(node, text, reached);
    reached = count < least ? next : next.difference(ends);
    if (count >= least) for (const end of reached) ends.add(end);
  }
  return ends;
}

function isIn(ranges: readonly Range[], point: number | undefined): boolean {
  return point !== undefined && ranges.some(([first, last]) => first <= point && point <= last);
}

function pointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function only(character: string): Range {
  return [pointOf(character), pointOf(character)];
}

class PatternProblem extends Error {}

class Parser {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(characters: readonly string[]) {
    this.#characters = characters;
  }

  get ended(): boolean {
    return this.#at >= this.#characters.length;
  }

  choice(): Node {
    const nodes = [this.#sequence()];
    while (this.#takes('|')) nodes.push(this.#sequence());
    return { type: 'choice', nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (!this.ended && !this.#sees('|') && !this.#sees(')')) nodes.push(this.#repeated());
    return { type: 'sequence', nodes };
  }

  #repeated(): Node {
    const node = this.#atom();
    const bounds = this.#quantifier();
    if (bounds === undefined) return node;
    if (this.#quantifier() !== undefined) throw new PatternProblem('has two quantifiers in a row');
    if (hasQuantifier(node)) throw new PatternProblem('repeats a group in which something is repeated already');
    return { type: 'repeated', node, ...bounds };
  }

  #quantifier(): { least: number; most: number } | undefined {
    if (this.#takes('*')) return { least: 0, most: MOST };
    if (this.#takes('+')) return { least: 1, most: MOST };
    if (this.#takes('?')) return { least: 0, most: 1 };
    if (!this.#takes('{')) return undefined;
    const [, first = '', comma, last = ''] = /^(\d{1,3})(,?)(\d{0,3})$/.exec(this.#until('}')) ?? [];
    if (first === '') throw new PatternProblem('has a brace that is no count, e.g. {3}, {1,8} or {2,}');
    const least = Number(first);
    const most = comma === '' ? least : last === '' ? MOST : Number(last);
    if (most > MOST || least > most) throw new PatternProblem(`has a count that is not between 0 and ${MOST}`);
    return { least, most };
  }

  #atom(): Node {
    const character = this.#next();
    if (character === '(') return this.#group();
    if (character === '[') return this.#class();
    if (character === '\\') return { type: 'characters', ranges: [this.#escaped()] };
    if (character === '.') throw new PatternProblem('says by a dot that anything may stand there: name the characters');
    if (character === '^' || character === '$')
      throw new PatternProblem('is matched from beginning to end in any case: leave out ^ and $');
    if ('*+?{}]'.includes(character)) throw new PatternProblem(`has a ${character} that belongs to nothing`);
    return { type: 'characters', ranges: [only(character)] };
  }

  #group(): Node {
    if (this.#takes('?') && !this.#takes(':')) throw new PatternProblem('has a group of a kind that is not known');
    const node = this.choice();
    if (!this.#takes(')')) throw new PatternProblem('does not close a group');
    return node;
  }

  #class(): Node {
    if (this.#sees('^')) throw new PatternProblem('says what may not stand there: name the characters that may');
    const ranges: Range[] = [];
    while (!this.#takes(']')) ranges.push(this.#range());
    if (ranges.length === 0) throw new PatternProblem('has a class without a character');
    return { type: 'characters', ranges };
  }

  #range(): Range {
    const from = this.#member();
    const isRange = this.#sees('-') && this.#characters[this.#at + 1] !== ']';
    if (!isRange) return from;
    this.#next();
    const [first, last] = [from[0], this.#member()[1]];
    if (first > last) throw new PatternProblem('has a range whose end comes before its beginning');
    return [first, last];
  }

  #member(): Range {
    const character = this.#next();
    return character === '\\' ? this.#escaped() : only(character);
  }

  #escaped(): Range {
    const character = this.#next();
    if (character === 'd') return DIGITS;
    if (/[A-Za-z0-9]/.test(character)) throw new PatternProblem(`has \\${character}, which is not known`);
    return only(character);
  }

  #until(end: string): string {
    let text = '';
    for (let next = this.#next(); next !== end; next = this.#next()) text += next;
    return text;
  }

  #next(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) throw new PatternProblem('ends in the middle of something');
    this.#at += 1;
    return character;
  }

  #sees(character: string): boolean {
    return this.#characters[this.#at] === character;
  }

  #takes(character: string): boolean {
    const taken = this.#sees(character);
    if (taken) this.#at += 1;
    return taken;
  }
}

function hasQuantifier(node: Node): boolean {
  if (node.type === 'characters') return false;
  return node.type === 'repeated' || node.nodes.some(hasQuantifier);
}
