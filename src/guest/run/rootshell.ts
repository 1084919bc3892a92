/**
 * What the provider's account runs a script with: the whole script comes on standard input. The programs are named by their places, because the
 * login shell's PATH is the guest's.
 */
export const ROOT_SHELL = '/usr/bin/sudo -n /bin/sh';
