import type { Setting } from './setting.ts';

const UNIT = 'qemu-guest-agent.service';

/** The guest agent runs: by it KubeVirt shuts down in order, freezes file systems for a snapshot, and tells addresses. */
export const agentSetting: Setting = {
  name: 'agent',
  units: [UNIT],
  look: `running ${UNIT} "the guest agent"`,
  heal: `installed qemu-guest-agent || install_packages qemu-guest-agent\nstart ${UNIT}`,
};
