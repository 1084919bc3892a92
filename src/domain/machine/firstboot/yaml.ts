/** cloud-init reads YAML 1.1, where a bare `yes`, `on` or `12:30` is not a string. */
export const YAML = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;
