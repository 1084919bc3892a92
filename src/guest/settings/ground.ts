/** Where the scripts find their programs, and below which folder their files: in a guest the system's own. */
export type Ground = { readonly root: string; readonly path: string };

export const GUEST: Ground = { root: '', path: '/usr/sbin:/usr/bin:/sbin:/bin' };
