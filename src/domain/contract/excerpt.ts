/** Longest condition message we write: enough for sentences, too short for a log. */
export const MESSAGE_LIMIT = 1024;

/** What no line of text has: control characters (NUL, ESC, line feeds), and those that are not seen or turn the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** Words of another system, fit for a status: one line, bounded, without credentials and without what differs at each try. */
export function excerpt(text: string, limit = 300): string {
  const line = redact(steady(text.slice(0, 4000)))
    .replace(UNPRINTABLE, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.;,\s]+$/, '');
  return cut(line, limit);
}

/** A message within MESSAGE_LIMIT. */
export function bounded(message: string): string {
  return cut(message, MESSAGE_LIMIT);
}

/** One line of at most `limit` UTF-16 units, never half a character, with an ellipsis where something is missing. */
export function cut(words: string, limit: number): string {
  const text = words.replace(UNPRINTABLE, ' ');
  if (text.length <= limit) return text;
  const head = text.slice(0, limit - 1);
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
}

/** Sentence after a colon, or nothing when the other system said nothing. */
export function saying(text: string): string {
  const words = excerpt(text);
  return words === '' ? '.' : `: ${words}.`;
}

/** Log prefixes and source ports change with every attempt; without them the same failure reads the same. */
function steady(text: string): string {
  return text
    .replace(/[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w./-]+:\d+\] ?/g, '')
    .replace(/(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):\d+->/gi, '');
}

const SECRET_FIELD =
  /([\w-]{0,40}(?:password|passwd|secret|token|credential|access[_-]?key|api[_-]?key|signature)[\w-]{0,40}["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi;

/** Takes out what may open something: user and query of URLs, tokens, passwords. */
export function redact(text: string): string {
  return text
    .replace(
      /\b([a-z][a-z0-9+.-]*:\/\/)([^\s"'<>`]+)/gi,
      (_, scheme: string, rest: string) => scheme + bareAddress(rest),
    )
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***')
    .replace(SECRET_FIELD, '$1***');
}

/** Host and path of a URL's part after the scheme; nothing of it where it cannot be told what is password and what is host. */
function bareAddress(rest: string): string {
  const digest = /@sha256:[0-9a-f]+$/.exec(rest)?.[0] ?? '';
  const [, authority = '', beyond = ''] = /^([^/?#]*)(.*)$/s.exec(rest.slice(0, rest.length - digest.length)) ?? [];
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const [path = ''] = beyond.split(/[?#]/, 1);
  const isHost = /^(\[[0-9a-f:.]+\]|[\w.-]*)(:\d{0,5}:?)?$/i.test(host);
  return isHost && !beyond.includes('@') ? host + path + digest : '***';
}

/** What a ResourceQuota refused, without the generated name of the Pod it refused; undefined if it was no quota. */
export function quotaRefusal(text: string): string | undefined {
  const start = text.indexOf('exceeded quota');
  if (start < 0) return undefined;
  const refusal = text.slice(start);
  const [, quota, requested, used, limited] =
    /^exceeded quota: (\S+), requested: (\S+), used: (\S+), limited: (\S+)/.exec(refusal) ?? [];
  if (!quota || !requested || !used || !limited) return excerpt(refusal);
  return excerpt(`ResourceQuota ${quota} allows ${limited}, in use is ${used}, requested is ${requested} more`);
}
