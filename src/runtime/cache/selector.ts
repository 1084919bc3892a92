/**
 * Whether labels match a selector of terms that are equal or present (`a=b,c`; '' matches all).
 * False for any other term: then only the watch decides.
 */
export function matchesSelector(selector: string, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (selector === '') return true;
  return selector.split(',').every(term => {
    const [, key, equals, value] = /^([^=!()\s]+)(?:(==?)([^=!()\s]*))?$/.exec(term) ?? [];
    if (key === undefined || labels?.[key] === undefined) return false;
    return equals === undefined || labels[key] === value;
  });
}
