import { incident } from '../../api/incident.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { managedVM } from '../../api/managedvm.ts';
import { product } from '../../api/product.ts';
import { PrometheusRule, TokenReview } from '../../api/upstream.ts';
import { allow, customResourceDefinitions, leases, type Permission, READ } from '../permission.ts';

/** Its user agent and field manager. */
export const NAME = 'steward-receive';

/** Everything the receiver of alerts may do: it reads what is ordered, writes what was seen, and nothing else. It rates nothing and mends nothing. */
export const receivePermissions: readonly Permission[] = [
  allow('receive', managedVM, READ, 'Reads whose alert it is, and whether it is watched.'),
  allow('receive', managedApplication, READ, 'Reads whose alert it is.'),
  allow('receive', incident, [...READ, 'create', 'patch'], 'Writes what was seen, and when it was over.'),
  allow('receive', PrometheusRule, ['get'], 'Reads the UID by which Prometheus names the file of a rule.'),
  allow('receive-cluster', product, READ, 'Reads what the rules of an application are made of.'),
  allow('receive-cluster', customResourceDefinitions, ['list', 'watch'], 'Notices when a kind comes or goes.'),
  allow('receive-cluster', TokenReview, ['create'], 'Asks who sends a message.'),
  allow('receive-operator-namespace', PrometheusRule, ['get'], 'The same of the rules that hold for all namespaces.'),
  allow('receive-operator-namespace', leases, ['create'], 'Makes its Lease.'),
  {
    ...allow('receive-operator-namespace', leases, ['get', 'update'], 'Says that alerts are heard.'),
    names: 'receiverLease',
  },
];
