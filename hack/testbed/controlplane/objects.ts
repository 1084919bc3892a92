/** What every cluster of ours has before anybody uses it, and what stands for the parts that are played. */

import type { ClaimDefaults } from '../cdi/datavolumeclaim.ts';
import type { KubeObject } from '../client/client.ts';
import { nodeName } from '../played/node.ts';
import { provisioner, storageClass } from '../played/storage.ts';

/** `steward-system` is not among them: Helm makes it. */
const namespaces = ['kubevirt', 'cdi', 'velero'].map(name => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
}));

/** No annotation `kubevirt.io/heartbeat`: virt-controller takes a node without one for responsive, and nobody here would renew it. */
const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: nodeName,
    labels: {
      'kubernetes.io/hostname': nodeName,
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/os': 'linux',
      'kubevirt.io/schedulable': 'true',
      'machine-type.node.kubevirt.io/q35': 'true',
      'node-role.kubernetes.io/worker': '',
    },
  },
  spec: {},
};

const resources = {
  cpu: '512',
  memory: '4Ti',
  pods: '10000',
  'devices.kubevirt.io/kvm': '10k',
  'devices.kubevirt.io/tun': '10k',
  'devices.kubevirt.io/vhost-net': '10k',
};

/** Status of the Node, for its status subresource. */
export const nodeStatus = {
  capacity: resources,
  allocatable: resources,
  addresses: [
    { type: 'InternalIP', address: '10.0.0.1' },
    { type: 'Hostname', address: nodeName },
  ],
  conditions: [
    { type: 'Ready', status: 'True', reason: 'PlayedNodeReady', message: 'The node is played by the test bed.' },
  ],
};

/** The StorageClass of claims that name none. Immediate, so that a disk can be filled before its VM is first started. */
export function defaultStorageClass(by: string): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: storageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: by,
    allowVolumeExpansion: true,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  } as KubeObject;
}

export const clusterObjects: readonly KubeObject[] = namespaces;

/** PLAYED, not real: the Node, and what provisions disks. */
export const playedObjects: readonly KubeObject[] = [node, defaultStorageClass(provisioner)];

const core = 'cdi.kubevirt.io/v1beta1';

/** What CDI's operator and controller keep for themselves, as virt-controller reads it: how claims for disks are made. */
export function cdiObjects(by: string, claims: ClaimDefaults): readonly KubeObject[] {
  const { accessModes, volumeMode, overheadPercent } = claims;
  const global = overheadPercent === 0n ? '0' : `0.${String(overheadPercent).padStart(2, '0')}`;
  return [
    { apiVersion: core, kind: 'CDI', metadata: { name: 'cdi' }, spec: {}, status: { phase: 'Deployed' } },
    {
      apiVersion: core,
      kind: 'CDIConfig',
      metadata: { name: 'config' },
      spec: {},
      status: { filesystemOverhead: { global } },
    },
    {
      apiVersion: core,
      kind: 'StorageProfile',
      metadata: { name: storageClass },
      spec: {},
      status: { provisioner: by, storageClass, claimPropertySets: [{ accessModes, volumeMode }] },
    },
  ].map(object => object as KubeObject);
}

/** PLAYED, not real: the rule of CDI's validating webhook that a DataVolume's spec is not to be changed. */
export const cdiAdmission: readonly KubeObject[] = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'played-cdi-datavolume' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['cdi.kubevirt.io'], apiVersions: ['*'], operations: ['UPDATE'], resources: ['datavolumes'] },
        ],
      },
      validations: [{ expression: 'object.spec == oldObject.spec', message: 'Cannot update DataVolume Spec' }],
    },
  } as KubeObject,
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'played-cdi-datavolume' },
    spec: { policyName: 'played-cdi-datavolume', validationActions: ['Deny'] },
  } as KubeObject,
];

/**
 * PLAYED, not real: Multus. virt-controller looks a network of that kind up by its NetworkAttachmentDefinition; nothing is attached.
 * The kind is the one the Network Plumbing Working Group's standard describes: a CNI configuration as text.
 */
export const multusCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'network-attachment-definitions.k8s.cni.cncf.io' },
  spec: {
    group: 'k8s.cni.cncf.io',
    scope: 'Namespaced',
    names: {
      plural: 'network-attachment-definitions',
      singular: 'network-attachment-definition',
      kind: 'NetworkAttachmentDefinition',
      shortNames: ['net-attach-def'],
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { config: { type: 'string' } } } },
          },
        },
      },
    ],
  },
} as KubeObject;
