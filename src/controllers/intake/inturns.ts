/** Does something with each, so many at once, also where it fails with others. Rejects with the first error, when all are done. */
export async function inTurns<Item>(
  items: Iterable<Item>,
  atOnce: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const turns = Array.from({ length: atOnce }, async () => {
    for (let next = left.next(); !next.done; next = left.next())
      await act(next.value).catch((error: unknown) => failures.push(error));
  });
  await Promise.all(turns);
  if (failures.length > 0) throw failures[0];
}
