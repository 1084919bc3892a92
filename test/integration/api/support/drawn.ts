/** What specs of every kind are drawn by. */
import fc from 'fast-check';

/** Nearly always right, now and then just beside it: a spec has many fields, and both verdicts shall be common. */
export function mostly<Value>(right: fc.Arbitrary<Value>, ...beside: Value[]): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 60, arbitrary: right }, { weight: 1, arbitrary: fc.constantFrom(...beside) });
}

const byName = { selector: (item: { name: string }) => item.name };
/** A list whose names differ, nearly always. */
export const named = <Item extends { name: string }>(
  item: fc.Arbitrary<Item>,
  bounds: { minLength?: number; maxLength: number },
) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.uniqueArray(item, { ...bounds, ...byName }) },
    { weight: 1, arbitrary: fc.array(item, bounds) },
  );

export const label = mostly(
  fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/),
  '0abc',
  'a-',
  'A',
  'a.b',
  'a'.repeat(21),
  'a'.repeat(64),
);

export const day = (least: number, most: number) =>
  mostly(
    fc.oneof(
      fc
        .date({ min: new Date(`${least}-01-01`), max: new Date(`${most}-12-31`), noInvalidDate: true })
        .map(date => date.toISOString().slice(0, 10)),
      fc.constantFrom('2024-01-01', '2030-06-30'),
    ),
    '2025-02-29',
    '2024-02-29',
    '2024-02-30',
    '2023-13-01',
    '2023-00-10',
    '2100-02-29',
    '24-01-01',
    '2024-1-1',
    '2024-01-01T00:00:00Z',
    '0000-01-01',
    '3000-01-01',
  );
