/** Words of SQL that are one value, whatever is in it. Throws RangeError for NUL, which no value can have. */

export function sqlName(text: string): string {
  if (text === '') throw new RangeError('no name in SQL is empty');
  return `"${withoutNul(text).replaceAll('"', '""')}"`;
}

/** Means the same whatever `standard_conforming_strings` is. */
export function sqlText(text: string): string {
  return `E'${withoutNul(text).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A function of sh that says the SQL, as it is. */
export function sqlFunction(name: string, sql: string): string {
  return `${name}() { cat << 'END_OF_SQL'\n${sql.trimEnd()}\nEND_OF_SQL\n}\n`;
}

function withoutNul(text: string): string {
  if (text.includes('\0')) throw new RangeError('no value in SQL has a NUL');
  return text;
}
