import type { Referrers } from "../attestations/referrers.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import type { Settings } from "../config/settings.ts";
import type { Commits } from "../git/commits.ts";

/** What the verbs work with. */
export interface Delivery {
  readonly settings: Pick<Settings, "rings" | "services" | "approvals"> & {
    readonly images: Pick<Settings["images"], "source">;
  };
  readonly kubectl: Kubectl;
  readonly commits: Commits;
  /** What hangs on images in their registries. */
  readonly referrers: Pick<Referrers, "read">;
  /** What kustomize prints for a ring. */
  readonly render: (ring: string) => Promise<string>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Gets a line for everything that happens. */
  readonly say: (line: string) => void;
  /** How long to wait before looking at a ring again. */
  readonly pollMs?: number;
}

/** Signed approvals that come with a verb, as the text of a file, and why the person calls it. */
export interface Given {
  readonly approvals: string | undefined;
  readonly reason: string | undefined;
}
