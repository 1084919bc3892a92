import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ProductSpec } from '../../api/product.ts';
import { planSecretName } from '../contract/applicationplan.ts';
import { type Child, INSTANCE_LABEL, virtualMachineName } from '../contract/child.ts';

/** What a login of an application is made of. */
export type Credentials = { readonly password: string; readonly salt: string };

/** Name of the Secret in the namespace of keys with the credentials that were made for an application. */
export function credentialsSecretName(applicationUID: string): string {
  return `application-${applicationUID}`;
}

/** Name of the Service, and of the binding Secret, in the customer's namespace. */
export function bindingName({ metadata }: ManagedApplication): string {
  return `${metadata.name}-binding`;
}

export function serviceName({ metadata }: ManagedApplication): string {
  return metadata.name;
}

/** The plan as the guest worker reads it; in the namespace of keys, for it holds verifiers of passwords. */
export function planSecret({ metadata }: ManagedApplication, plan: string, namespace: string): Child {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: planSecretName(metadata.uid ?? ''), namespace },
    type: 'Opaque',
    data: { plan: base64(plan) },
  };
}

/** Where the application is reached in its namespace: at the launcher pod, whose address is the guest's. */
export function interfaceService(
  application: ManagedApplication,
  managedVM: ManagedVM,
  { port }: NonNullable<ProductSpec['interface']>,
): Child {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceName(application), namespace: application.metadata.namespace ?? '' },
    spec: {
      ports: [{ name: 'application', port, protocol: 'TCP', targetPort: port }],
      selector: { [INSTANCE_LABEL]: virtualMachineName(managedVM) },
    },
  };
}

/** Address and credentials, by the specification of service bindings. */
export function bindingSecret(
  application: ManagedApplication,
  { port, type, database, username, uri }: NonNullable<ProductSpec['interface']>,
  credentials: Credentials | undefined,
): Child {
  const host = `${serviceName(application)}.${application.metadata.namespace}.svc`;
  const login = credentials !== undefined && username !== undefined ? { username, password: credentials.password } : {};
  const address = uri === undefined ? {} : { uri: addressOf(uri, host, port, database, login) };
  const entries = {
    type,
    provider: 'steward',
    host,
    port: `${port}`,
    ...(database && { database }),
    ...login,
    ...address,
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: bindingName(application), namespace: application.metadata.namespace ?? '' },
    type: `servicebinding.io/${type}`,
    data: Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, base64(value)])),
  };
}

function addressOf(
  scheme: string,
  host: string,
  port: number,
  database: string | undefined,
  { username, password }: { readonly username?: string; readonly password?: string },
): string {
  const login = username === undefined ? '' : `${username}:${encodeURIComponent(password ?? '')}@`;
  return `${scheme}://${login}${host}:${port}${database === undefined ? '' : `/${database}`}`;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
