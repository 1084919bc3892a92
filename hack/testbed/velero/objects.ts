/** What `velero install` would put into the cluster, besides the kinds. */
import type { ObjectStore } from '../objectstore/objectstore.ts';

/** Where it is installed. Every test bed has the namespace. */
export const NAMESPACE = 'velero';
/** The account that its server speaks as. */
export const ACCOUNT = 'velero';
/** Its bucket. */
export const BUCKET = 'velero';

const credentials = { name: 'cloud-credentials', key: 'cloud' };

/** One List for kubectl: the account, which may do everything, the key to the bucket, a Deployment, and the place for backups. */
export function installation(store: ObjectStore): object {
  const metadata = (name: string) => ({ name, namespace: NAMESPACE });
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(ACCOUNT) },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: ACCOUNT },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: NAMESPACE }],
      },
      {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: metadata(credentials.name) },
        stringData: { [credentials.key]: profileOf(store) },
      },
      deployment,
      storageLocation('default', store, BUCKET),
    ],
  };
}

/** Without a Pod, for the server is a process here: at each restore Velero reads in it how Pods of its own would be made (pod_volume_restore_action.go). */
const deployment = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'velero', namespace: NAMESPACE } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { deploy: 'velero' } },
    template: {
      metadata: { labels: { deploy: 'velero' } },
      spec: { serviceAccountName: ACCOUNT, containers: [{ name: 'velero', image: 'velero/velero:played' }] },
    },
  },
};

/** A BackupStorageLocation in a bucket of the store. */
export function storageLocation(name: string, store: ObjectStore, bucket: string): object {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'BackupStorageLocation',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      provider: 'velero.io/aws',
      default: name === 'default',
      objectStorage: { bucket },
      credential: credentials,
      config: { region: store.region, s3ForcePathStyle: 'true', s3Url: store.endpoint },
    },
  };
}

/** As the command line of AWS keeps it. */
export function profileOf({ accessKeyId, secretAccessKey }: ObjectStore): string {
  return `[default]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`;
}
