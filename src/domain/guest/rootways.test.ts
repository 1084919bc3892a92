import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Grant, type Rule, rootWays, type Subject, telling } from './rootways.ts';

const customer = { namespaces: ['acme', 'acme-dev'], users: ['oidc:anna'] };
const machine = { virtualMachine: 'shop-db', firstBootSecret: 'shop-db-first-boot' };
const user = (name: string): Subject => ({ kind: 'User', name });
const account = (namespace: string, name = 'default'): Subject => ({ kind: 'ServiceAccount', namespace, name });
const rule = (group: string, resource: string, ...verbs: string[]): Rule => ({
  ...{ apiGroups: [group], resources: [resource], verbs },
});
const CONSOLE = rule('subresources.kubevirt.io', 'virtualmachineinstances/console', 'get');
const grant = (subject: Subject, ...rules: Rule[]): Grant => ({ subjects: [subject], rules });
const ways = (inNamespace: readonly Grant[], inCluster: readonly Grant[] = []) =>
  rootWays({ inNamespace, inCluster }, customer, machine);

describe('AP-9: who could become root in a guest from outside of it', () => {
  it.each<[string, Rule]>([
    ['open its console', CONSOLE],
    ['open its console', rule('*', '*/vnc', '*')],
    ['attach a volume to it', rule('subresources.kubevirt.io', 'virtualmachines/addvolume', 'update')],
    ['change the VirtualMachine', rule('kubevirt.io', 'virtualmachines', 'patch')],
    ['mount its disks in another machine', rule('kubevirt.io', 'virtualmachines', 'create')],
    ['mount its disks in a Pod', rule('', 'pods', 'create')],
    ['mount its disks in a Pod', rule('apps', 'deployments', 'update')],
    ['mount its disks in a Pod', rule('batch', 'cronjobs', 'create')],
    ['run commands in its launcher', rule('', 'pods/exec', 'create')],
    ['read its host key, and pose as it', rule('', 'secrets', 'list')],
    ['export its disks', rule('export.kubevirt.io', 'virtualmachineexports', 'create')],
    ['turn it back to an earlier snapshot', rule('snapshot.kubevirt.io', 'virtualmachinerestores', 'create')],
    ['give himself any right', rule('rbac.authorization.k8s.io', 'clusterroles', 'bind')],
    ['act as others', rule('', 'serviceaccounts', 'impersonate')],
  ])('%s', (how, given) => {
    expect(ways([grant(user('anna'), given)])).toEqual([
      { who: 'User anna', how: expect.arrayContaining([how]) as string[] },
    ]);
  });

  it('nobody, where the customer may do with orders of Steward what there is, and read how his VM fares', () => {
    const tenant = [
      rule('managed.systems', '*', '*'),
      rule('kubevirt.io', 'virtualmachines', 'get', 'list', 'watch'),
      rule('', 'pods', 'get', 'list'),
      rule('', 'pods/log', 'get'),
    ];
    expect(ways([grant(user('anna'), ...tenant)])).toEqual([]);
  });

  it('by names of the machine alone, where a rule is for names', () => {
    const read = { ...rule('', 'secrets', 'get'), resourceNames: ['orders-binding'] };
    const opened = { ...CONSOLE, resourceNames: ['shop-db'] };
    const launcher = { ...rule('', 'pods/exec', 'create'), resourceNames: ['virt-launcher-shop-db-x'] };
    const made = { ...rule('', 'pods', 'create'), resourceNames: ['mine'] };
    expect(ways([grant(user('anna'), read, made)])).toEqual([]);
    expect(ways([grant(user('anna'), { ...read, resourceNames: ['shop-db-first-boot'] })])).toHaveLength(1);
    expect(ways([grant(user('anna'), opened, launcher)])[0]?.how).toHaveLength(2);
    expect(ways([grant(user('anna'), { ...CONSOLE, resourceNames: ['wiki'] })])).toEqual([]);
  });

  it.each<[string, Subject, boolean]>([
    ['a user', user('anna'), true],
    ['a group', { kind: 'Group', name: 'devs' }, true],
    ['everybody', { kind: 'Group', name: 'system:authenticated' }, true],
    ['an account of the namespace', account('acme'), true],
    ['an account of the customer elsewhere', account('acme-dev'), true],
    ['all accounts of the namespace', { kind: 'Group', name: 'system:serviceaccounts:acme' }, true],
    ['an account by its name as a user', user('system:serviceaccount:acme:default'), true],
    ['an add-on of the provider', account('velero'), false],
    ['a part of the cluster', user('system:kube-controller-manager'), false],
  ])('bound in the namespace: %s', (_, subject, counts) => {
    expect(ways([grant(subject, CONSOLE)])).toHaveLength(counts ? 1 : 0);
  });

  it.each<[string, Subject, boolean]>([
    ['a contact of the customer', user('oidc:anna'), true],
    ['everybody', { kind: 'Group', name: 'system:authenticated' }, true],
    ['an account of the customer', account('acme-dev'), true],
    ['all accounts of a namespace of theirs', { kind: 'Group', name: 'system:serviceaccounts:acme' }, true],
    ['somebody else: the provider’s', user('oidc:kim'), false],
    ['an account of somebody else', account('kubevirt'), false],
  ])('bound for the whole cluster: %s', (_, subject, counts) => {
    expect(ways([], [grant(subject, CONSOLE)])).toHaveLength(counts ? 1 : 0);
  });

  it('not the provider’s people, who are those that decide for it in the whole cluster', () => {
    const staff: Subject = { kind: 'Group', name: 'operators' };
    const approve = rule('managed.systems', 'contracts', 'approve');
    expect(ways([grant(staff, CONSOLE)], [grant(staff, approve)])).toEqual([]);
    expect(ways([grant(staff, CONSOLE, approve)])).toHaveLength(1);
    expect(ways([grant(staff, CONSOLE)], [grant(staff, { ...approve, resourceNames: ['acme'] })])).toHaveLength(1);
  });

  it('told once each, with all ways together, in the order of names, whatever the order of bindings', () => {
    const grants = [
      grant(user('ben'), rule('', 'pods', 'create')),
      grant(user('anna'), CONSOLE),
      grant(user('anna'), rule('', 'secrets', 'get')),
    ];
    const told = [
      { who: 'User anna', how: ['open its console', 'read its host key, and pose as it'] },
      { who: 'User ben', how: ['mount its disks in a Pod'] },
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(grants, { minLength: 3 }), shuffled => {
        expect(ways(shuffled)).toEqual(told);
      }),
    );
  });

  it('by the rules that are kept of a role as by all of them', () => {
    const rules = [rule('', 'configmaps', '*'), rule('', '*', 'create'), { ...CONSOLE, resourceNames: ['shop-db'] }];
    expect(telling(rules)).toHaveLength(2);
    expect(ways([grant(user('anna'), ...telling(rules))])).toEqual(ways([grant(user('anna'), ...rules)]));
  });

  it('never fewer by one rule more', () => {
    const word = fc.constantFrom(
      '*',
      '',
      'kubevirt.io',
      'pods',
      'secrets',
      'get',
      'create',
      'virtualmachines',
      'patch',
    );
    const rules = fc.record({
      apiGroups: fc.array(word, { maxLength: 2 }),
      resources: fc.array(word, { maxLength: 2 }),
      verbs: fc.array(word, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(rules, { maxLength: 4 }), rules, (some, more) => {
        const before = ways([grant(user('anna'), ...some)])[0]?.how ?? [];
        const after = ways([grant(user('anna'), ...some, more)])[0]?.how ?? [];
        expect(after).toEqual(expect.arrayContaining([...before]));
      }),
    );
  });
});
