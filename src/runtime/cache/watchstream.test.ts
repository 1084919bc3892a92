import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../api/object.ts';
import { parseWatchEvent, splitLines, strip, versionIn } from './watchstream.ts';

describe('the watch stream', () => {
  test('lines come out whole however the bytes are cut, also in the middle of a character', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '𝄞', '"', '\r'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat({ max: 40 }), { maxLength: 30 }), (lines, cuts) => {
        const expected = lines.map(text => Buffer.from(text).toString()).filter(text => text !== '');
        const bytes = Buffer.from(lines.map(text => `${text}\n`).join(''));
        const seen: string[] = [];
        const sink = splitLines(line => seen.push(line.toString()));
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
    const sink = splitLines(line => seen.push(line.toString()));
    const line = JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'x'.repeat(5_000_000) } } });
    const bytes = Buffer.from(`${line}\n`);
    for (let at = 0; at < bytes.length; at += 4096) sink(bytes.subarray(at, at + 4096));
    expect(parseWatchEvent(Buffer.from(seen[0] ?? '')).object.metadata.name).toHaveLength(5_000_000);
  });

  test('half a line, something else, and an ERROR event are errors with the status they carry', () => {
    expect(() => parseWatchEvent(Buffer.from('{"type":"ADDED","obj'))).toThrow('not JSON');
    expect(() => parseWatchEvent(Buffer.from('{}'))).toThrow('not an event');
    const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };
    expect(() => parseWatchEvent(Buffer.from(JSON.stringify(gone)))).toThrow(
      expect.objectContaining({ status: 410, reason: 'Expired' }),
    );
  });

  test('the version of an event is told without reading it, and never that of something else in the object', () => {
    const versionOf = (type: string, object: object) => versionIn(Buffer.from(JSON.stringify({ type, object })));
    const metadata = { labels: { text: 'its "resourceVersion":"9" as text' }, name: 'x', resourceVersion: '7' };
    expect(versionOf('ADDED', { metadata })).toBe('7');
    expect(versionOf('MODIFIED', { metadata, spec: { mine: '"resourceVersion":"8"' } })).toBe('7');
    for (const type of ['DELETED', 'BOOKMARK', 'ERROR']) expect(versionOf(type, { metadata })).toBeUndefined();
    const labelled = { ...metadata, labels: { resourceVersion: '8' } };
    expect(versionOf('MODIFIED', { metadata: labelled })).toBeUndefined();
    expect(versionIn(Buffer.from('{"type":"MODIFIED","object":{}}'))).toBeUndefined();
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
