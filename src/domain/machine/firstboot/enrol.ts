import type { RenderInput } from '../../contract/child.ts';
import { type FirstBootKeys, providerKeys } from './keys.ts';
import { PROVIDER_USER } from './users.ts';

/**
 * What a person runs once, as root, in a Linux guest that was not born of this order (MO-1): what first boot would have brought, and no more.
 * The provider's account with its key, the host key by which the guest is believed, and the agent where the distribution has it installed.
 * Run again it changes nothing. What else is ordered inside, the guest worker makes.
 */
export function enrolScript({ managedVM, keys }: RenderInput & { readonly keys: FirstBootKeys }): string {
  const { namespace, name } = managedVM.metadata;
  return `#!/bin/sh
# Lets the provider of ManagedVM ${namespace}/${name} into this guest. Run it once, as root; run again, it changes nothing.
set -eu
umask 077
user=${PROVIDER_USER}
getent passwd "$user" > /dev/null || useradd --create-home --no-user-group --shell /bin/bash "$user"
usermod --lock "$user"
home=$(getent passwd "$user" | cut -d: -f6)
mkdir -p "$home/.ssh"
cat > "$home/.ssh/authorized_keys" <<'KEYS'
${providerKeys(keys).join('\n')}
KEYS
chown -R "$user": "$home/.ssh"
chmod 700 "$home/.ssh"
chmod 600 "$home/.ssh/authorized_keys"
printf '%s ALL=(ALL) NOPASSWD:ALL\\n' "$user" > /etc/sudoers.d/90-${PROVIDER_USER}
chmod 440 /etc/sudoers.d/90-${PROVIDER_USER}
cat > /etc/ssh/ssh_host_ed25519_key <<'KEY'
${keys.hostPrivateKey.trimEnd()}
KEY
cat > /etc/ssh/ssh_host_ed25519_key.pub <<'KEY'
${keys.hostPublicKey.trimEnd()}
KEY
chmod 600 /etc/ssh/ssh_host_ed25519_key
chmod 644 /etc/ssh/ssh_host_ed25519_key.pub
systemctl restart ssh.service 2> /dev/null || systemctl restart sshd.service
systemctl start qemu-guest-agent.service 2> /dev/null || echo 'qemu-guest-agent is not installed: install it, so that it is known that the guest is up.' >&2
echo 'The provider can come in now.'
`;
}
