/**
 * Now, in whole seconds as Kubernetes writes times. A fraction would be lost when a Go program reads it, and then its JSON patches,
 * which test for what it read, would fail for ever.
 */
export function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
