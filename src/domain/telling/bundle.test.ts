import { describe, expect, it } from 'vitest';
import type { Notice } from '../../api/notice.ts';
import { BUNDLED_FROM, bundledMail, bundleKey, bundleOf } from './bundle.ts';
import { begun, ended, toldBy } from './delivery.ts';
import { mailOf } from './mail.ts';
import { NOW, noticeOf } from './notice.fixtures.ts';

const many = (count: number): Notice[] =>
  Array.from({ length: count }, (_, index) => {
    const notice = noticeOf({ facts: [{ name: 'title', value: `Change ${index}` }] });
    return { ...notice, metadata: { ...notice.metadata, name: `ntc-${String(index).padStart(5, '0')}` } };
  });

describe('GE-4: many notices for one person at once', () => {
  it('are told alone while they are few', () => {
    const few = many(BUNDLED_FROM - 1);
    expect(few.map(each => bundleOf(each, few, NOW))).toEqual(few.map(() => 'Alone'));
  });

  it('are told by the oldest, whoever asks and in whatever order they come', () => {
    const storm = many(500);
    const spoken = storm.toReversed().map(each => bundleOf(each, storm.toReversed(), NOW));
    expect(spoken.filter(each => each === 'OfAnother')).toHaveLength(499);
    const last = spoken.at(-1);
    expect(last !== 'Alone' && last !== 'OfAnother' && last?.with.map(({ metadata }) => metadata.name)).toEqual(
      storm.slice(1).map(({ metadata }) => metadata.name),
    );
  });

  it('do not wait for one that was tried and waits, is under way, or is told already', () => {
    const storm = many(BUNDLED_FROM + 2);
    const failed = ended(begun(undefined, NOW), { is: 'Failed', says: 'x' }, NOW);
    const statuses = [failed, begun(undefined, NOW), toldBy(undefined, 'ntc-x', NOW)];
    const known = storm.map((each, index) => ({ ...each, ...(statuses[index] && { status: statuses[index] }) }));
    const waiting = known.filter(each => bundleKey(each) !== '');
    expect(waiting).toHaveLength(BUNDLED_FROM + 1);
    const ninth = known.at(-1);
    expect(ninth && bundleOf(ninth, waiting, NOW)).toBe('Alone');
  });

  it('are one mail with the titles of 200, how many more there are, and the oldest in full', () => {
    const [first, ...others] = many(500);
    if (first === undefined) throw new Error('none');
    const mail = mailOf(first, 'Example', 'provider.test');
    if (mail === undefined) throw new Error('no mail');
    const { subject, text, messageId } = bundledMail(mail, first.spec, others, 'Example');
    expect(subject).toBe('[Example] 500 Nachrichten auf einmal');
    expect(text.split('\n').filter(line => line.startsWith('- Entscheidung nötig: Change'))).toHaveLength(200);
    expect(text).toContain('\n- und 299 weitere\n');
    expect(text).toContain('Titel: Change 0\n');
    expect(messageId).toBe('<ntc-00000@provider.test>');
  });

  it('are of one person and one contract: webhooks and others are told by themselves', () => {
    const { receiver } = noticeOf().spec;
    const { address: _address, ...rest } = receiver;
    const keys = [
      noticeOf(),
      noticeOf({ receiver: { ...receiver, address: 'ben@acme.example' } }),
      noticeOf({ receiver: { ...receiver, contract: 'globex' } }),
      noticeOf({ receiver: { ...rest, way: 'Webhook' } }),
    ].map(bundleKey);
    expect(new Set(keys).size).toBe(4);
    expect(keys[3]).toBe('');
  });
});
