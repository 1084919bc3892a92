/**
 * Whether labels match a selector of equality terms (`a=b,c=d`; '' matches all).
 * False for anything else: then only the watch decides.
 */
export function matchesSelector(selector: string, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (selector === '') return true;
  return selector.split(',').every(term => {
    const [, key, value] = /^([^=!()\s]+)==?([^=!()\s]*)$/.exec(term) ?? [];
    return key !== undefined && labels?.[key] === value;
  });
}
