import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { makeDocument } from "../reference/http/document.ts";
import type { ServiceText } from "../reference/http/operation.ts";

/** Answers a request, as apps of Hono do. */
type Answering = (request: Request) => Response | Promise<Response>;

/** Asks for an address, as `request` of an app of Hono does. */
type Asking = (what: string | Request, init?: RequestInit) => Promise<Response>;

/**
 * Answers as `app` does, and throws when the answer is not as the service's document of OpenAPI has it: its status, its
 * content type, and what is in it. A request to an address or by a method that is not in the document has to be refused.
 */
export function holdToDocument(service: ServiceText, app: Answering): Asking {
  const { document, check, tellErrors } = readDocument(service);
  return async (what, init) => {
    const request = new Request(typeof what === "string" ? new URL(what, "http://service") : what, init);
    const { pathname } = new URL(request.url);
    const method = request.method.toLowerCase();
    const answer = await app(request);
    const path = Object.keys(document.paths).find((template) => matches(template, pathname));
    const operation = path === undefined ? undefined : document.paths[path]?.[method];
    const about = `${request.method} ${pathname} answered ${answer.status}`;
    if (path === undefined || operation === undefined) {
      if (answer.status === 404 || answer.status === 405) return answer;
      throw new Error(`${about}, but is not in the document`);
    }
    const status = String(answer.status) in operation.responses ? String(answer.status) : "default";
    const told = operation.responses[status];
    if (told === undefined)
      throw new Error(`${about}; the document has ${Object.keys(operation.responses).join(", ")}`);
    const type = answer.headers.get("content-type")?.split(";")[0];
    if (type === undefined || told.content === undefined) {
      if ((told.content === undefined) !== (type === undefined) && status !== "default")
        throw new Error(`${about} with type ${type}; the document has ${Object.keys(told.content ?? {}).join(", ")}`);
      return answer;
    }
    if (!(type in told.content))
      throw new Error(`${about} with type ${type}; the document has ${Object.keys(told.content).join(", ")}`);
    if (!/json$/.test(type)) return answer;
    const isValid = check(["paths", path, method, "responses", status, "content", type, "schema"]);
    const text = await answer.clone().text();
    for (const line of type === "application/x-ndjson" ? text.trimEnd().split("\n") : [text]) {
      if (!isValid(JSON.parse(line))) throw new Error(`${about}: ${tellErrors(isValid.errors)}: ${line.slice(0, 500)}`);
    }
    return answer;
  };
}

type Document = ReturnType<typeof makeDocument>;

interface ReadDocument {
  readonly document: Document;
  /** What looks at a value by the schema at a place of the document. */
  readonly check: (place: readonly string[]) => ValidateFunction;
  readonly tellErrors: Ajv2020["errorsText"];
}

/** Documents by service: to compile the language of schemas alone takes longer than most tests. */
const documents = new Map<ServiceText, ReadDocument>();

function readDocument(service: ServiceText): ReadDocument {
  const known = documents.get(service);
  if (known !== undefined) return known;
  const document = makeDocument(service);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: "document", ...document });
  const checks = new Map<string, ValidateFunction>();
  const check = (place: readonly string[]) => {
    const pointer = place
      .map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1"))
      .map(encodeURIComponent)
      .join("/");
    const made = checks.get(pointer) ?? ajv.compile({ $ref: `document#/${pointer}` });
    checks.set(pointer, made);
    return made;
  };
  const read: ReadDocument = { document, check, tellErrors: (errors) => ajv.errorsText(errors) };
  documents.set(service, read);
  return read;
}

/** Whether a path is one of `/v1/uploads/{id}`. A name in braces stands for one part, at the end of `/add/{path}` for all that follow. */
function matches(template: string, path: string): boolean {
  const pattern = template
    .replace(/[.:*+?^$()|[\]\\]/g, "\\$&")
    .replace(/\{path\}$/, ".*")
    .replaceAll(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${pattern}$`).test(path);
}
