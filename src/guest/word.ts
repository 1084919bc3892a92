/** An id, a boot or a nonce, as it stands in a script of ours. Throws RangeError for what could be anything but a word. */
export function word(text: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return text;
  throw new RangeError('an id of a step, a boot or an answer is small letters, digits and hyphens, at most 63');
}
