import type { KindDefinition, PrinterColumn, ValidationRule } from '../../src/api/kind.ts';
import type { Node } from './rewrite.ts';
import { structuralSchema } from './structuralschema.ts';

/** The CustomResourceDefinition of a kind (apiextensions.k8s.io/v1). @throws NotStructural */
export function customResourceDefinition(kind: KindDefinition): Node {
  const { group, plural, singular, shortNames } = kind;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/name': 'steward' } },
    spec: {
      group,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        ...{ kind: kind.kind, listKind: `${kind.kind}List`, plural, singular, shortNames },
        // Who asks for all that is managed is told nothing by a refusal.
        ...(kind.readBy === undefined && { categories: ['managed'] }),
      },
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: kind.printerColumns.map(printerColumn),
          selectableFields: kind.selectableFields.map(jsonPath => ({ jsonPath })),
          schema: { openAPIV3Schema: objectSchema(kind) },
        },
      ],
    },
  };
}

function objectSchema(kind: KindDefinition): Node {
  return {
    description: kind.description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { description: `${kind.group}/${kind.version}`, type: 'string' },
      kind: { description: kind.kind, type: 'string' },
      metadata: { type: 'object' },
      spec: structuralSchema(kind.spec, 'spec'),
      status: structuralSchema(kind.status, 'status'),
    },
    'x-kubernetes-validations': [
      ...kind.validations.map(({ holds: _holds, ...cel }): ValidationRule => cel),
      ...(kind.changeRules ?? []),
    ],
  };
}

function printerColumn({ name, type, description, jsonPath, priority }: PrinterColumn): Node {
  return { name, type, description, jsonPath, ...(priority ? { priority } : {}) };
}
