import { page } from "./markdown.ts";

/** The page that leads to the others. */
export function printContents(): string {
  return page("Reference", "the code", [
    `Each page here is printed from the code that it is about, and a test holds it to that: it cannot be out of date. What belongs
together, and why, is told on the other pages of [docs](../).`,
    `- [Functions](functions.md): every function of the pipeline, with arguments, result and effect
- [Command line](command-line.md): the commands of \`slipway\`, their options, exit codes
- [slipway.yaml](slipway-yaml.md): every key, with what stands there and its default
- [Environment variables](environment.md): of the command, the engine and the services
- [Errors](errors.md): the codes in brackets behind the first line of an error, and what to do
- [Records and files](records.md): the ledger, the record of a ring, release files, statements of approvals
- [HTTP API](http-api.md) of the product: what the services answer, as documents of OpenAPI 3.1`,
  ]);
}
