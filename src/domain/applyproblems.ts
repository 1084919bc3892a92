/** How applying one child went, as the runtime reports it. */
export type Outcome = {
  readonly child: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly action: string;
  readonly error?: { readonly status: number; readonly reason: string; readonly message: string } | undefined;
};
