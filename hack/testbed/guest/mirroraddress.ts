/** Where guests find their packages: a Service of the cluster. */
export const MIRROR_SERVICE = { namespace: 'testbed', name: 'mirror', port: 80 } as const;

/** The address in every guest's list of sources. */
export const MIRROR_URL = `http://${MIRROR_SERVICE.name}.${MIRROR_SERVICE.namespace}.svc.cluster.local/debian`;
