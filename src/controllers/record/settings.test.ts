import { describe, expect, it } from 'vitest';
import { readRecordSettings } from './settings.ts';

const bucket = {
  STEWARD_RECORD_BUCKET: 'records',
  STEWARD_RECORD_BUCKET_ENDPOINT: 'https://s3.example.org',
  STEWARD_RECORD_BUCKET_CREDENTIALS: '/credentials',
};

describe('the settings of the record writer', () => {
  it('have defaults for everything, and export nothing then', () => {
    expect(readRecordSettings({}, 'host')).toMatchObject({ recordNamespace: 'steward-records', exportTo: undefined });
  });

  it('name the place to which records are exported', () => {
    expect(readRecordSettings({ STEWARD_RECORD_FOLDER: '/records' }, 'host').exportTo).toEqual({ folder: '/records' });
    expect(readRecordSettings(bucket, 'host').exportTo).toEqual({
      ...{ name: 'records', endpoint: new URL('https://s3.example.org'), region: 'us-east-1', prefix: '' },
      credentials: '/credentials',
    });
  });

  it.each([
    ['two places', { ...bucket, STEWARD_RECORD_FOLDER: '/records' }, 'records are exported to one place'],
    ['no endpoint', { ...bucket, STEWARD_RECORD_BUCKET_ENDPOINT: '' }, 'STEWARD_RECORD_BUCKET: it needs'],
    ['no credentials', { ...bucket, STEWARD_RECORD_BUCKET_CREDENTIALS: '' }, 'STEWARD_RECORD_BUCKET: it needs'],
    ['a name that no bucket has', { ...bucket, STEWARD_RECORD_BUCKET: 'a/b' }, 'STEWARD_RECORD_BUCKET: must be'],
    ['another scheme', { ...bucket, STEWARD_RECORD_BUCKET_ENDPOINT: 's3://x' }, 'STEWARD_RECORD_BUCKET_ENDPOINT: '],
    [
      'a prefix out of the bucket',
      { ...bucket, STEWARD_RECORD_BUCKET_PREFIX: '../' },
      'STEWARD_RECORD_BUCKET_PREFIX: ',
    ],
  ])('name what is wrong: %s', (_what, environment, why) => {
    expect(() => readRecordSettings(environment, 'host')).toThrow(why);
  });
});
