import { expect, it } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';

it.each([
  // FNV-1a of nothing: its offset.
  [{}, 'cbf29ce484222325'],
  // model/signature_test.go of prometheus/common v0.67: LabelsToSignature.
  [{ name: 'garland, briggs', fear: 'love is not enough' }, 5799056148416392346n.toString(16).padStart(16, '0')],
])("is Prometheus' own hash of labels: %j", (labels, fingerprint) => {
  expect(fingerprintOf(new Map(Object.entries(labels)))).toBe(fingerprint);
});

it('does not hang on the order of labels', () => {
  expect(
    fingerprintOf(
      new Map([
        ['b', '2'],
        ['a', '1'],
      ]),
    ),
  ).toBe(
    fingerprintOf(
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    ),
  );
});
