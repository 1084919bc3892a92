/** Incidents as the receiver of alerts and people write them, mostly valid. */
import fc from 'fast-check';
import { mostly as drawn } from './drawn.ts';

/** Beside what is right there is also what has another type. */
const mostly = drawn as (right: fc.Arbitrary<unknown>, ...beside: readonly unknown[]) => fc.Arbitrary<unknown>;

/** What other corpora draw as well. */
export type Drawn = {
  readonly objectName: fc.Arbitrary<unknown>;
  readonly userName: fc.Arbitrary<unknown>;
  readonly text: fc.Arbitrary<unknown>;
  readonly duration: fc.Arbitrary<unknown>;
  readonly calendar: fc.Arbitrary<unknown>;
};

export function incidentCorpus({ objectName, userName, text, duration, calendar }: Drawn) {
  const instant = mostly(fc.constantFrom('2026-12-01T11:00:00Z', '2024-02-29T00:00:00Z'), '2026-12-01', 'soon', '');
  const uid = mostly(fc.constantFrom('0a-1b', 'X'), '', 'a/b');
  const degree = mostly(fc.integer({ min: 1, max: 3 }), 0, 4, '1');
  const revision = fc.constantFrom(`sha256:${'0'.repeat(64)}`);
  const kind = mostly(fc.constantFrom('ManagedVM', 'ManagedApplication'), 'Pod');
  const alert = fc.record(
    {
      name: mostly(fc.constantFrom('ManagedVMDown', '_a1'), '1st', 'a b', 'A'.repeat(129)),
      fingerprint: mostly(fc.constantFrom('abcdef0123456789'), 'XYZ', ''),
      startsAt: instant,
      severity: mostly(fc.constantFrom('critical', 'warning', 'info'), 'none'),
      summary: mostly(fc.constantFrom('It is down', ''), 's'.repeat(301)),
      labels: mostly(
        fc.constantFrom<unknown[]>([], [{ name: 'service', value: 'ssh' }]),
        [{ name: 'a-b', value: '' }],
        [
          { name: 'a', value: '1' },
          { name: 'a', value: '2' },
        ],
      ),
      lines: mostly(
        fc.constantFrom<string[]>([], ['a', 'b']),
        Array.from({ length: 21 }, () => 'x'),
      ),
    },
    { requiredKeys: ['name', 'fingerprint', 'startsAt', 'severity'] },
  );
  const rating = fc.record({
    ...{ incident: uid, impact: degree, urgency: degree, reason: mostly(fc.constant('Because.'), 'r'.repeat(501)) },
    priority: mostly(fc.constantFrom('P1', 'P4'), 'P5'),
    scope: mostly(fc.constantFrom('OperatingSystem', 'Application', 'Platform', 'Customer'), 'World'),
    billing: mostly(fc.constantFrom('Included', 'ByEffort'), 'Free'),
  });
  const terms = fc.record(
    {
      plan: fc.record({ name: objectName, revision }),
      calendar: fc.record({ name: objectName, revision, spec: calendar }),
      response: mostly(fc.constantFrom('30m', '1h'), '0s', 'soon'),
      resolution: mostly(fc.constantFrom('1h', '8h'), '10m'),
    },
    { requiredKeys: ['plan', 'response', 'resolution'] },
  );
  const handling = fc.record(
    {
      ...{ acknowledgedBy: userName, assignee: userName },
      notes: fc.array(fc.record({ by: userName, text }), { maxLength: 2 }),
      waitingForCustomer: fc.record({ reason: text, by: userName }),
      resolution: fc.record(
        {
          outcome: mostly(fc.constantFrom('Mended', 'FalseAlarm', 'NotMended'), 'Gone'),
          ...{ cause: text, by: userName, effort: duration },
        },
        { requiredKeys: ['outcome', 'cause', 'by'] },
      ),
    },
    { requiredKeys: [] },
  );
  const subject = fc.record({ kind, name: objectName, uid });
  const proof = fc.record(
    {
      verdict: mostly(fc.constantFrom('Proven', 'Unproven', 'NotAsked'), 'Maybe'),
      ...{ at: instant, message: fc.constant('The rule is ours.'), rule: fc.constant('steward-x/down') },
    },
    { requiredKeys: ['verdict', 'at'] },
  );
  const signals = fc.array(fc.record({ at: instant, firing: fc.boolean() }), { maxLength: 3 });
  const seen = fc.record(
    { subject, alert, detectedAt: instant, proof, signals, rating, terms, handling },
    { requiredKeys: ['subject', 'alert', 'detectedAt', 'proof'] },
  );
  const told = fc.record(
    {
      subject: fc.record({ kind, name: objectName, uid }, { requiredKeys: ['kind', 'name'] }),
      report: fc.record({ by: userName, text, impact: degree, urgency: degree }, { requiredKeys: ['by', 'text'] }),
      ...{ rating, handling },
    },
    { requiredKeys: ['subject', 'report'] },
  );
  const both = fc.tuple(seen, told).map(([one, other]) => ({ ...one, ...other }));
  return fc.oneof({ weight: 6, arbitrary: told }, { weight: 6, arbitrary: seen }, { weight: 1, arbitrary: both });
}
