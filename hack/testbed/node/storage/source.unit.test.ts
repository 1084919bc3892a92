import { describe, expect, it } from 'vitest';
import type { DataVolume } from '../../cdi/datavolume.ts';
import { notFound, sourceOf } from './source.ts';

const sources = {
  'images/debian': {
    metadata: { name: 'debian' },
    spec: { source: { pvc: { namespace: 'golden', name: 'debian-13' } } },
  },
  'images/default': {
    metadata: { name: 'default' },
    spec: { source: { dataSource: { namespace: 'images', name: 'debian' } } },
  },
  'images/twice': {
    metadata: { name: 'twice' },
    spec: { source: { dataSource: { namespace: 'images', name: 'default' } } },
  },
};

const of = (spec: DataVolume['spec']) =>
  sourceOf(
    { metadata: { namespace: 'acme', name: 'disk' }, spec },
    key => Object.entries(sources).find(([name]) => name === key)?.[1],
  );

const reference = (name: string) => ({ sourceRef: { kind: 'DataSource', namespace: 'images', name } });

describe('what a DataVolume is filled with', () => {
  it.each([
    [
      'a registry’s image by its name',
      { source: { registry: { url: 'docker://steward.testbed/debian:13' } } },
      { kind: 'image', name: 'steward.testbed/debian:13' },
    ],
    [
      'a web server’s by its address',
      { source: { http: { url: 'https://images.example/a.raw' } } },
      { kind: 'image', name: 'https://images.example/a.raw' },
    ],
    ['nothing', { source: { blank: {} } }, { kind: 'blank' }],
    [
      'a claim of its own namespace',
      { source: { pvc: { name: 'other' } } },
      { kind: 'claim', namespace: 'acme', name: 'other' },
    ],
    [
      'the claim that a DataSource names',
      reference('debian'),
      { kind: 'claim', namespace: 'golden', name: 'debian-13' },
    ],
    [
      'the claim of the DataSource that a DataSource names',
      reference('default'),
      { kind: 'claim', namespace: 'golden', name: 'debian-13' },
    ],
    ['not by way of a third DataSource, as with CDI', reference('twice'), { kind: 'unsupported' }],
    ['not from elsewhere', { source: {} }, { kind: 'unsupported' }],
  ])('is %s', (_, spec, expected) => {
    expect(of(spec)).toMatchObject(expected);
  });
});

it.each([
  ['steward.testbed/debian:13', 'manifest 13 in steward.testbed/debian:'],
  ['steward.testbed:5000/debian', 'manifest latest in steward.testbed:5000/debian:'],
  ['https://images.example/a.raw', '404 Not Found'],
])('an image %s that is not there is told in CDI’s words', (name, words) => {
  expect(notFound(name)).toContain(words);
});
