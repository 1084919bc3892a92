/** metav1.MicroTime: exactly six fractional digits; Date gives three, and with those the API server answers 400. */
export function formatMicroTime(date: Date): string {
  return `${date.toISOString().slice(0, 23)}000Z`;
}
