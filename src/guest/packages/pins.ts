import { type Answer, all } from './answer.ts';
import type { Install } from './family.ts';

/** Why a package that was asked for in exactly one version was not touched, by the word of the script. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['absent', 'it is not installed, and only updates are'],
  ['gone', 'the sources do not have this version any more'],
]);

/** What the script of an install said of its pins, by dpkg or rpm. `installed`: versions afterwards; what came along as new was absent only before. */
export function pinsIn(
  answer: Answer,
  installed: ReadonlyMap<string, string>,
): Pick<Install, 'reasons' | 'newer' | 'brought'> {
  const pins = all(answer, 'pin').map(({ words: [name = '', state = ''] }) => ({ name, state }));
  const reasons = pins.flatMap(({ name, state }) => {
    const reason = REASONS.get(state);
    return reason === undefined || (state === 'absent' && installed.has(name)) ? [] : [[name, reason] as const];
  });
  return {
    reasons: new Map(reasons),
    newer: new Set(pins.filter(({ state }) => state === 'newer').map(({ name }) => name)),
    brought: new Map(all(answer, 'brought').map(({ words: [name = '', version = ''] }) => [name, version] as const)),
  };
}
