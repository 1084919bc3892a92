/** Walks every state that a small world can come to, in every order of what may happen in it. */

/** What may happen next, by a name that a person can follow. */
export type Event<World> = { readonly name: string; readonly world: World };

export type Exploration = {
  /** Different states seen. */
  readonly states: number;
  /** Steps of the longest of the shortest ways to a state. */
  readonly depth: number;
  /** The shortest way to the first state that breaks a promise, and which. */
  readonly broken?: { readonly promise: string; readonly way: readonly string[] };
};

/**
 * Breadth first, so that the way to a broken promise is a shortest one. Worlds are plain JSON: the same text is the same state.
 * Throws RangeError where there are more than `limit` states: a part of them would prove nothing.
 */
export function explore<World>(
  first: World,
  eventsOf: (world: World) => readonly Event<World>[],
  broken: (world: World) => string | undefined,
  limit = 2_000_000,
): Exploration {
  const seen = new Map<string, { readonly from: string | undefined; readonly by: string }>();
  let front: World[] = [first];
  let depth = 0;
  seen.set(JSON.stringify(first), { from: undefined, by: 'the beginning' });
  for (; front.length > 0; depth += 1) {
    const next: World[] = [];
    for (const world of front) {
      const text = JSON.stringify(world);
      const promise = broken(world);
      if (promise !== undefined) return { states: seen.size, depth, broken: { promise, way: wayTo(text, seen) } };
      for (const event of eventsOf(world)) {
        const reached = JSON.stringify(event.world);
        if (seen.has(reached)) continue;
        seen.set(reached, { from: text, by: event.name });
        next.push(event.world);
      }
    }
    if (seen.size > limit) throw new RangeError(`more than ${limit} states`);
    front = next;
  }
  return { states: seen.size, depth: depth - 1 };
}

function wayTo(
  text: string,
  seen: ReadonlyMap<string, { readonly from: string | undefined; readonly by: string }>,
): readonly string[] {
  const way: string[] = [];
  for (let at: string | undefined = text; at !== undefined; ) {
    const step = seen.get(at);
    if (step?.from !== undefined) way.unshift(step.by);
    at = step?.from;
  }
  return way;
}
