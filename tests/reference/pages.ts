import { printCommandLine } from "./command-line.ts";
import { printContents } from "./contents.ts";
import { printEnvironment } from "./environment.ts";
import { printErrors } from "./errors.ts";
import { printFunctions } from "./functions.ts";
import { printDocument, printHttpApi, SERVICES } from "./http/page.ts";
import { printRecords } from "./records.ts";
import { printSettings } from "./settings.ts";

/** The pages that are printed from the code, each by its path from the top of the repository. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "docs/reference/functions.md": printFunctions,
  "docs/reference/README.md": printContents,
  "docs/reference/command-line.md": printCommandLine,
  "docs/reference/environment.md": printEnvironment,
  "docs/reference/errors.md": printErrors,
  "docs/reference/http-api.md": printHttpApi,
  ...Object.fromEntries(
    Object.keys(SERVICES).map((name) => [`docs/reference/${name}.openapi.json`, () => printDocument(name)]),
  ),
  "docs/reference/records.md": printRecords,
  "docs/reference/slipway-yaml.md": printSettings,
};
