import { dag, type Workspace } from "@dagger.io/dagger";
import { markCode, SlipwayError } from "../account.ts";
import { type Checkout, openCheckout } from "../checkout/checkout.ts";
import type { FilePlan } from "../providers/compare.ts";
import { diagnose, listImages } from "./doctor.ts";

/**
 * Looks at the caller's repository, and at which of its images can be had; runs and pulls nothing.
 *
 * @param planWorkflows what stands between the files of CI systems and those that are asked for
 * @returns the report
 * @throws SlipwayError `missing` with the report when something is missing that would fail
 */
export async function examine(
  workspace: Workspace,
  planWorkflows: (checkout: Checkout) => Promise<FilePlan>,
): Promise<string> {
  const checkout = await openCheckout(workspace);
  const { settings, outline, remarks } = checkout;
  const [isInGit, workflows] = await Promise.all([checkout.isInGit(), planWorkflows(checkout)]);
  const answers = await Promise.all(listImages(settings).map(async (image) => [image, await whyNot(image)] as const));
  const unavailable = new Map(answers.flatMap(([image, reason]) => (reason === undefined ? [] : [[image, reason]])));
  const { report, missing } = diagnose(settings, outline, { isInGit, remarks, unavailable, workflows });
  if (missing === 0) return `${report}\n`;
  throw new SlipwayError(
    "missing",
    `${markCode(`${missing} ${missing === 1 ? "thing is" : "things are"} missing here`, "missing")}\n\n${report}`,
  );
}

/** All images are asked for at once. One whose registry is silent, or is tried again and again, is given up then. */
const PATIENCE_S = 20;

/** Why an image cannot be had, in the first line of what the engine says; undefined when it can. */
async function whyNot(image: string): Promise<string | undefined> {
  const asked = dag
    .container()
    .from(image)
    .imageRef()
    .then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "",
    );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    const reason = `its registry did not say within ${PATIENCE_S} s whether it has it`;
    timer = setTimeout(() => resolve(reason), PATIENCE_S * 1000);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
