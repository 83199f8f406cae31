import { page } from "./markdown.ts";

/** The page that leads to the others. */
export function printContents(): string {
  return page("Reference", "the code", [
    `Each of these pages is printed from the code that it describes. A test fails if a page and its code differ. The other pages of
[docs](../) explain how things belong together, and why.`,
    `- [Functions](functions.md): every function of the pipeline, with arguments, result and effect
- [Command line](command-line.md): the commands of \`slipway\`, their options, exit codes
- [slipway.yaml](slipway-yaml.md): every key, with its values and its default
- [Environment variables](environment.md): of the command, the engine and the services
- [Errors](errors.md): the codes in brackets after the first line of an error, and what to do
- [Records and files](records.md): the ledger, the record of a ring, release files, statements of approvals
- [HTTP API](http-api.md) of the product: requests and answers of the services, as OpenAPI 3.1 documents`,
  ]);
}
