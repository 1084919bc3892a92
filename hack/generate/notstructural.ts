/** A zod schema says something that a CustomResourceDefinition cannot say. The message names the path and the way out. */
export class NotStructural extends Error {
  override readonly name = 'NotStructural';
  constructor(path: string, why: string) {
    super(`${path}: ${why}`);
  }
}
