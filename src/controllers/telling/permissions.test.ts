import { describe, expect, it } from 'vitest';
import { GROUP } from '../../api/common.ts';
import { guestPermissions } from '../gueststate/permissions.ts';
import { permissions } from '../permissions.ts';
import { recordPermissions } from '../record/permissions.ts';
import { tellerPermissions } from './permissions.ts';
import { NEWS_SOURCES } from './sources.ts';

const line = (scope: string, verb: string, resource: string, group: string) => `${scope}: ${verb} ${resource}.${group}`;
const declared = tellerPermissions.flatMap(({ scope, verbs, resource, group }) =>
  verbs.map(verb => line(scope, verb, resource, group)),
);
const read = ['get', 'list', 'watch'];

describe('the permissions of the teller (GE-4)', () => {
  it('are to read what is news and who is told, and to write notices and its Lease, and nothing else', () => {
    const kinds = NEWS_SOURCES.flatMap(({ kind, watches = [] }) => [kind, ...watches.map(each => each.kind)]);
    const plurals = [...new Set(kinds.map(({ plural }) => plural)), 'notices'];
    const expected = [
      ...plurals.flatMap(plural => read.map(verb => line('tell', verb, plural, GROUP))),
      ...read.map(verb => line('tell-cluster', verb, 'contracts', GROUP)),
      ...['list', 'watch'].map(verb => line('tell-cluster', verb, 'customresourcedefinitions', 'apiextensions.k8s.io')),
      ...['create', 'delete'].map(verb => line('tell-namespace', verb, 'notices', GROUP)),
      line('tell-namespace', 'update', 'notices/status', GROUP),
      ...[...read, 'create', 'update'].map(verb => line('tell-namespace', verb, 'leases', 'coordination.k8s.io')),
    ];
    expect(declared.sort()).toEqual(expected.sort());
  });

  it('reach no Secret: passwords and keys are mounted', () => {
    expect(tellerPermissions.filter(({ resource }) => resource.startsWith('secrets'))).toEqual([]);
  });

  it('are shared with no other account: none of ours but the record writer sees notices, and none writes them', () => {
    const others = [...permissions, ...guestPermissions, ...recordPermissions];
    const notices = others.filter(({ resource }) => resource.startsWith('notices'));
    expect(new Set(notices.flatMap(({ verbs }) => verbs))).toEqual(new Set(read));
  });

  it('each say what they are for', () => {
    expect(tellerPermissions.filter(({ why }) => !/^[A-Z].*\.$/.test(why))).toEqual([]);
  });
});
