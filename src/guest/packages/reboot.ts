/** A reboot that has not come about by then is told as such by its step. Seconds. */
const REBOOT_TRIED_S = 600;

/** Restarts a Linux guest. The step runs until the guest goes down, so that its end in the same boot says that it did not. */
export const SYSTEMD_REBOOT = `systemctl reboot || exit 1\nsleep ${REBOOT_TRIED_S}\nexit 2\n`;
