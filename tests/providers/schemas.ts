import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";

const FOLDER = join(import.meta.dirname, "tools/python/check_jsonschema/builtin_schemas/vendor");

/** The schema of Drone refers to a second file, for pods, that nobody has published. */
const MISSING = "https://json.schemastore.org/kubernetes-definitions.json";

/**
 * What the public schema of a CI system finds wrong, a line each.
 *
 * @param name of the schema's file
 * @param data what the YAML says
 */
export function checkSchema(name: string, data: unknown): string[] {
  const schema = JSON.parse(
    readFileSync(join(FOLDER, `${name}.json`), "utf8").replaceAll(
      /"[^"]*kubernetes-definitions\.json[^"]*"/g,
      `"${MISSING}"`,
    ),
  );
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false, validateFormats: false, logger: false });
  if (name === "drone-ci") ajv.addSchema({}, MISSING);
  const validate = ajv.compile(schema);
  return validate(data) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
