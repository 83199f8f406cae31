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
  const ajv = new Ajv({ strict: false, unicodeRegExp: false, validateFormats: false, logger: false });
  if (name === "drone-ci") ajv.addSchema({}, MISSING);
  const validate = ajv.compile(schema);
  return validate(name === "azure-pipelines" ? spell(data) : data)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Azure reads numbers as the text that they are, and its schema goes by that. */
function spell(value: unknown): unknown {
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.map(spell);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spell(one)]));
}
