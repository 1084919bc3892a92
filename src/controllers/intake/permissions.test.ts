import { describe, expect, it } from 'vitest';
import { receivePermissions } from './permissions.ts';

describe('the permissions of the receiver of alerts (MO-14)', () => {
  it('write nothing but incidents and the Lease by which they are heard, and ask who sends', () => {
    const writes = receivePermissions.filter(({ verbs }) =>
      verbs.some(verb => !['get', 'list', 'watch'].includes(verb)),
    );
    expect(writes.map(({ resource, verbs }) => `${resource}: ${verbs.join(' ')}`)).toEqual([
      'incidents: get list watch create patch',
      'tokenreviews: create',
      'leases: create',
      'leases: get update',
    ]);
  });

  it('each say what they are for', () => {
    expect(receivePermissions.filter(({ why }) => !/^[A-Z].*\.$/.test(why))).toEqual([]);
  });
});
