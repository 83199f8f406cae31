/**
 * For what others read: kubectl and several CI systems know YAML 1.1, where `yes` and `on` are true and `2026-11-29` is a date. Names
 * that would be something else there are quoted.
 */
export const FOR_ALL_READERS = { compat: "yaml-1.1" } as const;
