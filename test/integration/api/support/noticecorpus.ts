/** Notices as the teller writes them, mostly valid. */
import fc from 'fast-check';
import { FactName } from '../../../../src/api/notice.ts';
import { NewsKind } from '../../../../src/api/telling.ts';
import { mostly as drawn, label } from './drawn.ts';

/** Beside what is right there is also what has another type. */
const mostly = drawn as (right: fc.Arbitrary<unknown>, ...beside: readonly unknown[]) => fc.Arbitrary<unknown>;

type Drawn = { readonly objectName: fc.Arbitrary<unknown>; readonly timeZone: fc.Arbitrary<unknown> };

export function noticeCorpus({ objectName, timeZone }: Drawn) {
  const instant = mostly(fc.constantFrom('2026-12-01T11:00:00Z', '2024-02-29T00:00:00Z'), '2026-12-01', 'soon', '');
  const fact = fc.record({
    name: mostly(fc.constantFrom(...FactName.options), 'password', ''),
    value: mostly(fc.constantFrom('x', 'Zwölf Wörter', '"quoted" <b>'), '', 'v'.repeat(1025), 1),
  });
  const subject = fc.record({
    kind: mostly(fc.constantFrom('ManagedVM', 'Incident'), 'incident', 'K'.repeat(64)),
    ...{ namespace: label, name: objectName, uid: mostly(fc.constantFrom('0a-1b', 'X'), '', 'a/b') },
  });
  const who = {
    name: mostly(fc.constantFrom('anna', 'On call (night)'), '', 'n'.repeat(64)),
    language: mostly(fc.constantFrom('de', 'en'), 'fr'),
    ...{ timeZone, contract: fc.option(objectName, { nil: undefined }) },
  };
  const address = mostly(fc.constantFrom('anna@acme.example'), 'anna', 'a@b\r\nBcc: c@d.example', '');
  const receiver = fc.oneof(
    { weight: 20, arbitrary: fc.record({ ...who, way: fc.constant('Mail'), address }) },
    { weight: 20, arbitrary: fc.record({ ...who, way: fc.constant('Webhook') }) },
    fc.record({ ...who, way: fc.constant('Mail') }),
    fc.record({ ...who, way: fc.constantFrom('Webhook', 'Pigeon'), address }),
  );
  return fc.record({
    news: mostly(fc.constantFrom(...NewsKind.options), 'Gossip'),
    topic: mostly(fc.constantFrom('0123456789abcdef'), 'XYZ', '', '0'.repeat(65)),
    action: mostly(fc.constantFrom('Opened', 'Changed', 'Ended'), 'Closed'),
    severity: mostly(fc.constantFrom('Critical', 'Warning', 'Info'), 'critical'),
    ...{ at: instant, until: instant, writtenAt: instant, subject, receiver },
    contract: fc.option(objectName, { nil: undefined }),
    facts: mostly(fc.array(fact, { maxLength: 3 }), Array(17).fill({ name: 'title', value: 'x' })),
  });
}
