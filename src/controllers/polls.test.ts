import { describe, expect, it } from 'vitest';
import { type KubeObject, kindId, type ResourceKind } from '../runtime/api/object.ts';
import { OpenRegistry } from '../runtime/observe/registry.ts';
import type { AnyController, Reader } from '../runtime/pass/controller.ts';
import { controllersOf } from './controllers.ts';
import { readSettings } from './settings.ts';

const controllers = controllersOf(readSettings({}, 'host'), new OpenRegistry());

/** As the runtime gives it to a controller: it has only what that one owns or watches. */
function readerOf({ name, kind, owns, watches }: AnyController): Reader {
  const known = new Set([kind, ...[...owns, ...watches].map(each => each.kind)].map(kindId));
  const nothing = (asked: ResourceKind) => {
    if (!known.has(kindId(asked))) throw new Error(`${name} neither owns nor watches ${kindId(asked)}`);
    return [];
  };
  return {
    get: asked => nothing(asked)[0],
    ...{ list: nothing, byIndex: nothing, count: asked => nothing(asked).length },
    available: asked => nothing(asked).length === 0,
    state: asked => nothing(asked)[0] ?? 'served',
    refusal: asked => nothing(asked)[0],
  };
}

const polled = controllers.flatMap(each => (each.polls ?? []).map(poll => [each.name, poll.name, each, poll] as const));

describe('what is asked from time to time', () => {
  it.each(polled)('by %s (%s) looks only at kinds that this controller reads', async (_, _name, controller, poll) => {
    const asked = {
      ...{ read: readerOf(controller), listAll: async () => [], monotonic: () => 0 },
      list: async (): Promise<readonly KubeObject[]> => [],
    };
    await expect(poll.ask(new Date(), new AbortController().signal, asked)).resolves.toBeTypeOf('function');
  });
});
