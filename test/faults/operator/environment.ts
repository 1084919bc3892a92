/** What the operator reads beside its defaults: who asks applications from outside, so that there is a Probe of each. Nobody asks here. */
export const ENVIRONMENT = { STEWARD_BLACKBOX_ADDRESS: 'blackbox.monitoring:9115' };
