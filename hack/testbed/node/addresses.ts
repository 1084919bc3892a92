/** Addresses in the box's own network. 198.18.0.0/15 is set aside for test beds (RFC 2544), so it hides nobody's real network. */
export const nodeNetwork = {
  /** Name of the one node, and of the box's host. */
  name: 'node',
  address: '198.18.0.1',
  pods: '198.18.64.0/18',
  services: '10.96.0.0/16',
  /** First address of the Services' range: where Pods find kube-apiserver. */
  apiService: '10.96.0.1',
  dnsService: '10.96.0.10',
  domain: 'cluster.local',
} as const;
