/** What a call leaves behind outside of the engine's store. */
const EFFECTS = {
  none: "none",
  tree: "writes files into the working tree",
  images: "sends images to the registry",
  ring: "changes the ring, and adds to its ledger",
  runs: "runs until Ctrl-C when `up` follows; otherwise none",
} as const;

export type Effect = keyof typeof EFFECTS;

/** The functions of the module under what they are for, in the order of a first day, each with its effect. */
export const FUNCTION_GROUPS: Readonly<Record<string, Readonly<Record<string, Effect>>>> = {
  "To begin": {
    init: "tree",
    proposal: "none",
    doctor: "none",
    config: "none",
    explain: "none",
  },
  Checks: {
    test: "none",
    lint: "none",
    unit: "none",
    integration: "none",
    manifests: "none",
    check: "none",
    reports: "none",
  },
  "Files of CI systems": { workflows: "tree", workflowsCurrent: "none" },
  Images: { build: "none", image: "none", publish: "images", release: "images" },
  Delivery: {
    plan: "none",
    deploy: "ring",
    promote: "ring",
    rollback: "ring",
    freeze: "ring",
    thaw: "ring",
    status: "none",
    history: "none",
    metrics: "none",
    approve: "none",
  },
  "The product on this machine": { stack: "runs", backing: "runs", kafka: "runs" },
};

export function tellEffect(effect: Effect): string {
  return EFFECTS[effect];
}
