import { changeRequest } from '../../api/changerequest.ts';
import { contract } from '../../api/contract.ts';
import { incident } from '../../api/incident.ts';
import { maintenanceWindow } from '../../api/maintenancewindow.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { managedVM } from '../../api/managedvm.ts';
import { notice } from '../../api/notice.ts';
import { patchPolicy } from '../../api/patchpolicy.ts';
import { problem } from '../../api/problem.ts';
import { allow, customResourceDefinitions, leases, type Permission, READ } from '../permission.ts';

/** Everything the teller may do: it reads what is news and who is told of it, and writes notices. Its Secret is mounted, and no right reaches it. */
export const tellerPermissions: readonly Permission[] = [
  allow('tell', changeRequest, READ, 'Tells who must decide, and of work ahead.'),
  allow('tell', incident, READ, 'Tells of incidents.'),
  allow('tell', problem, READ, 'Tells of what keeps going wrong.'),
  allow('tell', maintenanceWindow, READ, 'Tells of windows ahead.'),
  allow('tell', patchPolicy, READ, 'Tells what is done in a window.'),
  allow('tell', managedVM, READ, 'Tells of promises that are not kept, and which VMs a window concerns.'),
  allow('tell', managedApplication, READ, 'The same of applications.'),
  allow('tell', notice, READ, 'Sends them; there are none but in its own namespace.'),

  allow('tell-cluster', contract, READ, 'Tells the contacts of the customer.'),
  allow('tell-cluster', customResourceDefinitions, ['list', 'watch'], 'Notices when a kind comes or goes.'),

  allow('tell-namespace', notice, ['create', 'delete'], 'Writes each before it is sent, and forgets it in time.'),
  allow('tell-namespace', notice, ['update'], 'Says what became of it.', 'status'),
  allow('tell-namespace', leases, ['create'], 'Makes its Lease.'),
  { ...allow('tell-namespace', leases, [...READ, 'update'], 'One of its replicas leads.'), names: 'tellLease' },
];
