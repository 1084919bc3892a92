import { excerpt } from '../../domain/contract/excerpt.ts';
import { MARK, WORDS_BYTES } from './prelude.ts';

/** More lines than any script of ours says, and longer ones. */
const MOST_LINES = 4_000;
const LINE_LENGTH = 600;
const WORDS_LENGTH = Math.ceil(WORDS_BYTES / 3) * 4;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The lines of a script's answer, in their order: a kind, and what it says. */
export type Answer = {
  readonly lines: readonly { readonly kind: string; readonly words: readonly string[]; readonly text: string }[];
};

/**
 * Reads what a script of `packageScript` said. Undefined where it is not whole: what was cut off, has a line too long, or a character
 * that no line of ours has, is no answer. Never throws.
 */
export function readAnswer(text: string): Answer | undefined {
  const ours = text.split('\n').filter(line => line.startsWith(`${MARK} `));
  const end = ours.pop();
  if (end !== `${MARK} end ${ours.length}` || ours.length > MOST_LINES) return undefined;
  if (!ours.every(line => line.length <= LINE_LENGTH && /^[ -~]+$/.test(line))) return undefined;
  return {
    lines: ours.map(line => {
      const [, kind = '', ...words] = line.split(' ');
      return { kind, words, text: words.join(' ') };
    }),
  };
}

/** What all lines of a kind say. */
export function all({ lines }: Answer, kind: string): readonly { words: readonly string[]; text: string }[] {
  return lines.filter(line => line.kind === kind);
}

/** The words of the one line of a kind; undefined where there is none, or more than one. */
export function only(answer: Answer, kind: string): readonly string[] | undefined {
  const [line, ...more] = all(answer, kind);
  return more.length > 0 ? undefined : line?.words;
}

/** A number that is no sign of anything else. */
export function count(word: string | undefined): number | undefined {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined;
}

/** `yes`, `no`, or what is not known. */
export function answered(word: string | undefined): boolean | undefined {
  return word === 'yes' ? true : word === 'no' ? false : undefined;
}

/** Bounded words of the guest's, in one line that hides nothing; undefined where they are none. */
export function decoded(word: string | undefined): string | undefined {
  if (word === '-') return '';
  if (word === undefined || word === '' || word.length > WORDS_LENGTH || !BASE64.test(word)) return undefined;
  const text = Buffer.from(word, 'base64')
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  return excerpt(text, WORDS_BYTES) || '?';
}

/** What the package manager said of its failures, its prefixes left out. */
export function errorsOf(answer: Answer): readonly string[] {
  return all(answer, 'error').flatMap(({ words }) => decoded(words[0]) || []);
}

/** ID, VERSION_ID and VERSION_CODENAME of os-release; empty where it says none. */
export function systemOf(answer: Answer): { id: string; version: string; codename: string } | undefined {
  const words = only(answer, 'system');
  if (words?.length !== 3) return undefined;
  const [id = '', version = '', codename = ''] = words.map(word => (word === '-' ? '' : word));
  return { id, version, codename };
}
