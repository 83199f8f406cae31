import { printContents } from "./contents.ts";
import { printEnvironment } from "./environment.ts";
import { printErrors } from "./errors.ts";
import { printFunctions } from "./functions.ts";
import { printSettings } from "./settings.ts";

/** The pages that are printed from the code, each by its path from the top of the repository. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "docs/reference/functions.md": printFunctions,
  "docs/reference/README.md": printContents,
  "docs/reference/environment.md": printEnvironment,
  "docs/reference/errors.md": printErrors,
  "docs/reference/slipway-yaml.md": printSettings,
};
