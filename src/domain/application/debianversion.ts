/** Whether a version is older (below 0), the same or newer (above 0) than another, as dpkg orders them (deb-version(7)). */
export function compareDebianVersions(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  return (
    one.epoch - other.epoch || compareParts(one.upstream, other.upstream) || compareParts(one.revision, other.revision)
  );
}

function partsOf(version: string): { readonly epoch: number; readonly upstream: string; readonly revision: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/.exec(version) ?? [];
  const at = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch),
    upstream: at < 0 ? rest : rest.slice(0, at),
    revision: at < 0 ? '' : rest.slice(at + 1),
  };
}

/** By turns what is no number, letter by letter, and what is one. */
function compareParts(a: string, b: string): number {
  let [one, other] = [a, b];
  while (one !== '' || other !== '') {
    const [oneWord = '', otherWord = ''] = [/^\D*/.exec(one)?.[0], /^\D*/.exec(other)?.[0]];
    const letters = compareWords(oneWord, otherWord);
    if (letters !== 0) return letters;
    [one, other] = [one.slice(oneWord.length), other.slice(otherWord.length)];
    const [oneNumber = '', otherNumber = ''] = [/^\d*/.exec(one)?.[0], /^\d*/.exec(other)?.[0]];
    const numbers = Number(oneNumber) - Number(otherNumber);
    if (numbers !== 0) return numbers;
    [one, other] = [one.slice(oneNumber.length), other.slice(otherNumber.length)];
  }
  return 0;
}

function compareWords(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = weight(a[at]) - weight(b[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A tilde comes before the end, letters before all else. */
function weight(character: string | undefined): number {
  if (character === '~') return -1;
  if (character === undefined) return 0;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}
