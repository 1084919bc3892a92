import { expect, vi } from 'vitest';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import { type Any, type Api, conditionOf, verdictOf } from './api.ts';

/** Asks again, every `interval` milliseconds, until the check passes; after `timeout` milliseconds its last failure is thrown. */
export function eventually<Answer>(
  check: () => Promise<Answer> | Answer,
  timeout = 60_000,
  interval = 150,
): Promise<Answer> {
  return vi.waitFor(check, { timeout, interval });
}

/** Waits until the object's conditions read as given, `{Ready: 'True/Running'}`, for its newest generation. */
export function reads(
  api: Api,
  kind: ResourceKind,
  namespace: string,
  name: string,
  wanted: Readonly<Record<string, string>>,
  timeout?: number,
  interval?: number,
): Promise<Any> {
  return eventually(
    async () => {
      const object = await api.get(kind, namespace, name);
      const verdicts = Object.fromEntries(Object.keys(wanted).map(type => [type, verdictOf(object, type)]));
      const ready = conditionOf(object, 'Ready');
      expect({ ...verdicts, generation: object.status?.observedGeneration }, `Ready says: ${ready?.message}`).toEqual({
        ...wanted,
        generation: object.metadata.generation,
      });
      return object;
    },
    timeout,
    interval,
  );
}

/** Waits until there is no such object. */
export function gone(api: Api, kind: ResourceKind, namespace: string, name: string, timeout?: number): Promise<void> {
  return eventually(async () => expect(await api.find(kind, namespace, name)).toBeUndefined(), timeout);
}
