/**
 * The managed applications that run on a ManagedVM, by name, for which the provider alone holds root in its guest (AP-9); undefined where that
 * cannot be read. Nobody can order one yet, so there are none: ManagedApplication is read here once it is a kind, and nothing else decides this.
 */
export function applicationsOn(): readonly string[] | undefined {
  return [];
}
