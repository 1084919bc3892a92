import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from './object.ts';
import { parseWatchEvent, splitLines, strip } from './watchstream.ts';

describe('the watch stream', () => {
  test('lines come out whole however the bytes are cut, also in the middle of a character', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '𝄞', '"', '\r'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat({ max: 40 }), { maxLength: 30 }), (lines, cuts) => {
        const expected = lines.map(text => Buffer.from(text).toString()).filter(text => text !== '');
        const bytes = Buffer.from(lines.map(text => `${text}\n`).join(''));
        const seen: string[] = [];
        const sink = splitLines(text => seen.push(text));
        let at = 0;
        for (const cut of cuts) {
          sink(bytes.subarray(at, at + cut));
          at += cut;
        }
        sink(bytes.subarray(at));
        expect(seen).toEqual(expected);
      }),
    );
  });

  test('a 5 MB line in small chunks is one event', () => {
    const seen: string[] = [];
    const sink = splitLines(text => seen.push(text));
    const line = JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'x'.repeat(5_000_000) } } });
    const bytes = Buffer.from(`${line}\n`);
    for (let at = 0; at < bytes.length; at += 4096) sink(bytes.subarray(at, at + 4096));
    expect(parseWatchEvent(seen[0] ?? '').object.metadata.name).toHaveLength(5_000_000);
  });

  test('half a line, something else, and an ERROR event are errors with the status they carry', () => {
    expect(() => parseWatchEvent('{"type":"ADDED","obj')).toThrow('not JSON');
    expect(() => parseWatchEvent('{}')).toThrow('not an event');
    const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };
    expect(() => parseWatchEvent(JSON.stringify(gone))).toThrow(
      expect.objectContaining({ status: 410, reason: 'Expired' }),
    );
  });

  test('managedFields and the last-applied copy are not kept', () => {
    const object = {
      ...{ apiVersion: 'v1', kind: 'X' },
      metadata: {
        ...{ name: 'x', managedFields: [{}] },
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', mine: 'kept' },
      },
    } as KubeObject;
    expect(strip(object).metadata).toEqual({ name: 'x', annotations: { mine: 'kept' } });
  });
});
