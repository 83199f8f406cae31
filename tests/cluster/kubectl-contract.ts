/**
 * What every adapter of the port `Kubectl` has to do, each asked of a real API server. The same cases for each adapter,
 * with the same facts expected of it.
 */
import { answerCases } from "./answer-cases.ts";
import { callCases } from "./call-cases.ts";
import type { ContractCase } from "./contract-caller.ts";

export const contractCases: readonly ContractCase[] = [...callCases, ...answerCases];

/** Cases that say whether an access works at all: for the other ways to name a cluster. */
export const firstCases: readonly ContractCase[] = contractCases.filter(({ name }) =>
  /^(creates from|patches from|sees what changed)/.test(name),
);
