import { APPROVAL_FAULTS } from "./faults/approvals.ts";
import { EVIDENCE_FAULTS } from "./faults/evidence.ts";
import type { Fault } from "./faults/fault.ts";
import { OBJECT_FAULTS } from "./faults/objects.ts";
import { STEP_FAULTS } from "./faults/steps.ts";

/** Mistakes that somebody could make in ci/src/rollout, each of which some test has to notice. */
export const FAULTS: readonly Fault[] = [...STEP_FAULTS, ...EVIDENCE_FAULTS, ...OBJECT_FAULTS, ...APPROVAL_FAULTS];
