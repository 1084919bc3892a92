import { approval } from '../../src/api/approval.ts';
import { changeRequest } from '../../src/api/changerequest.ts';
import { GROUP } from '../../src/api/common.ts';
import { contract } from '../../src/api/contract.ts';
import { incident } from '../../src/api/incident.ts';
import type { KindDefinition } from '../../src/api/kind.ts';
import { kinds } from '../../src/api/kinds.ts';
import { problem } from '../../src/api/problem.ts';
import { serviceReport } from '../../src/api/servicereport.ts';
import { serviceRequest } from '../../src/api/servicerequest.ts';
import { guestPermissions, portForwardPermissions } from '../../src/controllers/gueststate/permissions.ts';
import { receivePermissions } from '../../src/controllers/intake/permissions.ts';
import { patchPermissions } from '../../src/controllers/patching/permissions.ts';
import type { Permission, Scope } from '../../src/controllers/permission.ts';
import { permissions } from '../../src/controllers/permissions.ts';
import { recordPermissions } from '../../src/controllers/record/permissions.ts';
import { tellerPermissions } from '../../src/controllers/telling/permissions.ts';

const scopes: readonly Scope[] = [
  'own',
  'children',
  'cluster',
  'cluster-events',
  'keys',
  'lease',
  'operator-namespace',
  'velero',
  'drills',
  'record-read',
  'images',
  'guest',
  'guest-portforward',
  'guest-cluster',
  'guest-keys',
  'guest-operator-namespace',
  'patch',
  'patch-keys',
  'record',
  'record-cluster',
  'record-namespace',
  'tell',
  'tell-cluster',
  'tell-namespace',
  'receive',
  'receive-cluster',
  'receive-operator-namespace',
];

const rights = [
  ...permissions,
  ...guestPermissions,
  ...portForwardPermissions,
  ...patchPermissions,
  ...recordPermissions,
  ...tellerPermissions,
  ...receivePermissions,
];

const readVerbs = ['get', 'list', 'watch'] as const;
const writeVerbs = ['create', 'delete', 'deletecollection', 'patch', 'update'] as const;

type Rule = {
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly names?: Permission['names'];
  readonly why?: string;
};

/** For the contacts of a customer who decide for him, bound in his namespaces (GE-4, GE-6, GE-13). */
const tenantApprove: readonly Rule[] = [
  {
    group: GROUP,
    resources: [changeRequest.plural],
    verbs: [...readVerbs, 'patch', 'update', 'approve'],
    why: 'Decides on changes for the customer, and accepts their results.',
  },
  { group: GROUP, resources: [approval.plural], verbs: [...readVerbs, 'create'], why: 'Writes the decision.' },
];

/** For the provider's staff who decide for him and write results, bound cluster-wide: no Role of a namespace reaches a kind of the cluster. */
const providerApprove: readonly Rule[] = [
  {
    group: GROUP,
    resources: [contract.plural],
    verbs: ['approve'],
    why: 'Decides on changes for the provider, pre-approves Standard ones, and writes results.',
  },
  {
    group: GROUP,
    resources: [changeRequest.plural],
    verbs: [...readVerbs, 'create', 'patch', 'update'],
    why: 'Writes changes, their exact plans and their results.',
  },
  { group: GROUP, resources: [approval.plural], verbs: [...readVerbs, 'create'], why: 'Writes the decision.' },
  {
    group: GROUP,
    resources: [serviceRequest.plural],
    verbs: [...readVerbs, 'create'],
    why: 'Reads what was ordered, and orders what cannot wait.',
  },
  {
    group: GROUP,
    resources: [problem.plural],
    verbs: [...readVerbs, 'create', 'patch', 'update'],
    why: 'Opens Problems, and says their causes, workarounds and remedies.',
  },
];

/** For the provider's staff who handle incidents, bound cluster-wide: what they do stops clocks, so it is no right of a namespace. */
const providerHandle: readonly Rule[] = [
  {
    group: GROUP,
    resources: [contract.plural],
    verbs: ['handle'],
    why: 'Acknowledges incidents, asks customers and resolves.',
  },
  {
    group: GROUP,
    resources: [incident.plural],
    verbs: [...readVerbs, 'create', 'patch', 'update'],
    why: 'Says what is done about them.',
  },
  {
    group: GROUP,
    resources: [serviceReport.plural],
    verbs: [...readVerbs, 'patch', 'update'],
    why: 'Says a word on a month, and corrects one that is closed.',
  },
];

/** The rules of every role of the chart, as named templates, by path. */
export async function generateRbac(): Promise<Map<string, string>> {
  const blocks = [
    ...scopes.map(scope => template(scope, rights.filter(each => each.scope === scope).map(ruleOf))),
    template('tenant-view', people(true, readVerbs)),
    template('tenant-edit', [
      ...people(true, writeVerbs, kind => ordered(kind) && kind.acts === undefined),
      ...kinds.filter(({ acts }) => acts !== undefined).map(bounded),
    ]),
    template('tenant-approve', tenantApprove),
    template('provider-approve', providerApprove),
    template('provider-handle', providerHandle),
    template('catalogue-view', people(false, readVerbs, forAll)),
    template(
      'catalogue-edit',
      people(false, [...readVerbs, ...writeVerbs], kind => forAll(kind) && ordered(kind)),
    ),
    template('contract-view', people(false, readVerbs, confidential)),
    template(
      'contract-edit',
      people(false, [...readVerbs, ...writeVerbs], kind => confidential(kind) && ordered(kind)),
    ),
  ];
  const banner =
    '{{/* Generated from src/controllers/permissions.ts, and gueststate, patching, record, telling and intake/permissions.ts beside it by `npm run generate`: do not edit. */}}';
  return new Map([['charts/steward/templates/_rules.tpl', `${[banner, ...blocks].join('\n\n')}\n`]]);
}

function ruleOf({ group, resource, verbs, names, why }: Permission): Rule {
  return { group, resources: [resource], verbs, names, why };
}

const ordered = ({ writtenBy }: KindDefinition): boolean => writtenBy === undefined;
/** Contacts and prices are the provider's: those who keep images need not see them either. */
const confidential = ({ readBy }: KindDefinition): boolean => readBy === 'provider';
const forAll = (kind: KindDefinition): boolean => !confidential(kind);

/** What those who order may do where that is not everything. */
function bounded({ group, plural, acts = [] }: KindDefinition): Rule {
  return { group, resources: [plural], verbs: acts };
}

/** One rule for all our kinds of a reach, for the roles that people are given. */
function people(namespaced: boolean, verbs: readonly string[], which = (_: KindDefinition) => true): Rule[] {
  const reached = kinds.filter(kind => kind.namespaced === namespaced && which(kind));
  const groups = [...new Set(reached.map(kind => kind.group))];
  return groups.map(group => ({
    group,
    resources: reached.filter(kind => kind.group === group).map(kind => kind.plural),
    verbs,
  }));
}

function template(name: string, rules: readonly Rule[]): string {
  return [`{{- define "steward.rules.${name}" -}}`, ...rules.map(yaml), '{{- end -}}'].join('\n');
}

function yaml({ group, resources, verbs, names, why }: Rule): string {
  const list = (words: readonly string[]) => `[${words.join(', ')}]`;
  return [
    ...(why === undefined ? [] : [`# ${why}`]),
    `- apiGroups: [${group === '' ? '""' : group}]`,
    `  resources: ${list(resources)}`,
    ...(names === undefined ? [] : [`  resourceNames: {{- include "steward.${names}" . | trim | nindent 4 }}`]),
    `  verbs: ${list(verbs)}`,
  ].join('\n');
}
