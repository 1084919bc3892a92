/** Whether none is smaller than the one before it. */
export function isRising(values: readonly (number | string)[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value);
}
