/**
 * A file system as a stack of immutable layers, lowest first; an empty list is an empty root.
 *
 * A layer is a folder `layers/<id>` of the store in overlayfs form: a removed entry is a character device 0:0, a folder
 * that hides what lies below it carries the `overlay.opaque` attribute (`trusted.` as root, `user.` as an ordinary user).
 */
export interface Snapshot {
  readonly layers: readonly string[];
}

export const EMPTY: Snapshot = { layers: [] };
