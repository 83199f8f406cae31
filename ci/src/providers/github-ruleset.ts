import { RULESET_NAME } from "./generated.ts";
import type { Pipeline } from "./pipeline.ts";

/** The number by which GitHub knows its own Actions: a check of this name by anybody else counts for nothing. */
const GITHUB_ACTIONS = 15_368;

/**
 * What GitHub imports as a ruleset: the protected branch takes pull requests alone, whose checks have passed. Nothing but its
 * import makes it count.
 */
export function writeRuleset({ branch, checks }: Pipeline): string {
  const ruleset = {
    name: RULESET_NAME,
    target: "branch",
    enforcement: "active",
    conditions: { ref_name: { include: [`refs/heads/${branch}`], exclude: [] } },
    bypass_actors: [],
    rules: [
      { type: "deletion" },
      { type: "non_fast_forward" },
      {
        type: "pull_request",
        parameters: {
          required_approving_review_count: 1,
          dismiss_stale_reviews_on_push: true,
          require_code_owner_review: false,
          require_last_push_approval: true,
          required_review_thread_resolution: false,
        },
      },
      {
        type: "required_status_checks",
        parameters: {
          strict_required_status_checks_policy: false,
          do_not_enforce_on_create: false,
          required_status_checks: checks.map(({ id }) => ({ context: id, integration_id: GITHUB_ACTIONS })),
        },
      },
    ],
  };
  return `${JSON.stringify(ruleset, null, 2)}\n`;
}
