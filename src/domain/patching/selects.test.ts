import { describe, expect, it } from 'vitest';
import type { LabelSelector } from '../../api/labelselector.ts';
import { selects } from './selects.ts';

const labels = { ring: 'canary', tier: 'gold' };
const expression = (
  key: string,
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  ...values: string[]
): LabelSelector => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
});

describe('what a label selector selects', () => {
  it.each<[string, LabelSelector, boolean]>([
    ['everything, if it is empty', {}, true],
    ['labels with the value', { matchLabels: { ring: 'canary', tier: 'gold' } }, true],
    ['no other value', { matchLabels: { ring: 'canary', tier: 'iron' } }, false],
    ['In: one of the values', expression('ring', 'In', 'early', 'canary'), true],
    ['In: not without the label', expression('zone', 'In', 'a'), false],
    ['NotIn: another value', expression('ring', 'NotIn', 'early'), true],
    ['NotIn: also without the label', expression('zone', 'NotIn', 'a'), true],
    ['NotIn: none of the values', expression('ring', 'NotIn', 'canary'), false],
    ['Exists', expression('tier', 'Exists'), true],
    ['Exists: not without', expression('zone', 'Exists'), false],
    ['DoesNotExist', expression('zone', 'DoesNotExist'), true],
    ['DoesNotExist: not with', expression('tier', 'DoesNotExist'), false],
    ['all that it says', { matchLabels: { ring: 'canary' }, ...expression('tier', 'DoesNotExist') }, false],
    ['nothing that every object has from birth', expression('constructor', 'Exists'), false],
  ])('%s', (_, selector, expected) => expect(selects(selector, labels)).toBe(expected));
});
