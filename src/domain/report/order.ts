/** The order of UTF-16 units, as ECMAScript compares texts: the same everywhere, whatever the language of a machine. */
export const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
