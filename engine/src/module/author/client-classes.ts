import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInterfaceType,
} from "graphql";
import { typeName } from "../../api/names.ts";
import {
  enumOf,
  expectedName,
  inputText,
  isKept,
  isSameObject,
  isSolved,
  listedObject,
  safeName,
  splitArguments,
  typeText,
} from "./client-types.ts";
import { type ClientWords, commentText, optionsName } from "./client-words.ts";
import { isReserved } from "./reserved-names.ts";

type Member = GraphQLField<unknown, unknown>;

/** An object or an interface, with the fields that a client offers. */
export interface Shape {
  /** In the schema. */
  readonly name: string;
  readonly fields: readonly Member[];
  readonly isInterface: boolean;
}

/** What TypeScript code may stand for the object, whatever it is. */
export function interfaceText({ name, fields }: Shape, words: ClientWords): string {
  const lines = fields.map((field) => {
    const returns = isSolved(field.type) ? `Promise<${solvedText(field, name)}>` : typeText(field.type);
    return `  ${safeName(field.name)}(${parametersText(field, name)}): ${returns}\n`;
  });
  return `${commentText(words.comment(name), "")}export interface ${safeName(name)} {\n${lines.join("")}}\n\n`;
}

/** The class that asks the API. */
export function classText(shape: Shape, words: ClientWords, schema: GraphQLSchema): string {
  const { name, fields, isInterface } = shape;
  const kept = fields.filter(({ type }) => isKept(type));
  const privates = kept.map((field) => `  private readonly _${field.name}?: ${typeText(field.type)} = undefined\n`);
  const given = kept.map((field) => `    _${field.name}?: ${typeText(field.type)},\n`);
  const taken = kept.map((field) => `    this._${field.name} = _${field.name}\n`);
  const methods = fields.map((field) => methodText(field, shape, words, schema));
  const head = isInterface ? "" : commentText(words.comment(name), "");
  return `${head}export class ${clientName(name, isInterface)} extends BaseClient {
${privates.join("")}
  /**
   * Constructor is used for internal usage only, do not create object from it.
   */
  constructor(
    ctx?: Context,
${given.join("")}  ) {
    super(ctx)

${taken.join("")}  }
${name === "Query" ? RAW_CLIENT : ""}${methods.join("")}${withText(shape)}}
`;
}

const RAW_CLIENT = `
  /**
   * Get the Raw GraphQL client.
   */
  public getGQLClient() {
    return this._ctx.getGQLClient()
  }
`;

function clientName(name: string, isInterface: boolean): string {
  return isInterface ? `_${safeName(name)}Client` : safeName(name);
}

function withText({ name, fields, isInterface }: Shape): string {
  if (isInterface || fields.some((field) => field.name === "with")) return "";
  if (!fields.some(({ type }) => isSameObject(type, name))) return "";
  const own = safeName(name);
  return `
  /**
   * Call the provided function with current ${name === "Query" ? "Client" : name}.
   *
   * This is useful for reusability and readability by not breaking the calling chain.
   */
  with = (arg: (param: ${own}) => ${own}) => {
    return arg(this)
  }
`;
}

function parametersText({ name, args }: Member, owner: string): string {
  const { placed, options } = splitArguments(args);
  const parameters = placed.map((argument) => `${safeName(argument.name)}: ${inputText(argument)}`);
  return [...parameters, ...(options.length === 0 ? [] : [`opts?: ${optionsName(owner, name)}`])].join(", ");
}

function methodText(field: Member, shape: Shape, words: ClientWords, schema: GraphQLSchema): string {
  const { name } = field;
  const head = `\n${commentText(words.comment(`${shape.name}.${name}`), "  ")}  ${safeName(name)} = `;
  const parameters = `(${parametersText(field, shape.name)})`;
  if (isSolved(field.type)) {
    const returns = `Promise<${solvedText(field, shape.name)}>`;
    return `${head}async ${parameters}: ${returns} => {\n${solvedBody(field, shape, schema)}  }\n`;
  }
  const named = getNullableType(field.type);
  const target = clientName(named.toString(), isInterfaceType(named));
  return `${head}${parameters}: ${typeText(field.type)} => {
${metadataText(field.args)}    const ctx = this._ctx.select(${selectText(field)})
    return new ${target}(ctx)
  }
`;
}

/** What the promise of a method gives: for the id of an object of the same type (`sync`) that object. */
function solvedText(field: Member, owner: string): string {
  if (isSameId(field, owner)) return safeName(owner);
  return isVoid(field) ? "void" : typeText(field.type);
}

function solvedBody(field: Member, { name: owner, isInterface }: Shape, schema: GraphQLSchema): string {
  const isSame = isSameId(field, owner);
  const element = listedObject(field.type);
  const known =
    isKept(field.type) && owner !== "Query" && !isSame
      ? `    if (this._${field.name}) {\n      return${isVoid(field) ? "" : ` this._${field.name}`}\n    }\n\n`
      : "";
  const row = element === undefined ? "" : `    type ${lowerFirst(field.name)} = {\n      id: ID\n    }\n\n`;
  const responseType = isSame
    ? typeText(field.type)
    : element === undefined
      ? solvedText(field, owner)
      : `${lowerFirst(field.name)}[]`;
  const select = `    const ctx = this._ctx.select(${selectText(field)})${element === undefined ? "" : '.select("id")'}\n\n`;
  const response = isVoid(field)
    ? "    await ctx.execute()\n"
    : `    const response: Awaited<${responseType}> = await ctx.execute()\n\n`;
  return `${known}${row}${metadataText(field.args)}${select}${response}${answerText(field, { owner, isInterface, schema })}`;
}

function answerText(
  field: Member,
  {
    owner,
    isInterface,
    schema,
  }: { readonly owner: string; readonly isInterface: boolean; readonly schema: GraphQLSchema },
): string {
  if (isVoid(field)) return "";
  if (isSameId(field, owner)) {
    return `    return new ${clientName(owner, isInterface)}(ctx.copy().selectNode(response, "${owner}"))\n`;
  }
  const element = listedObject(field.type);
  if (element !== undefined) {
    const target = clientName(element, isInterfaceType(schema.getType(element)));
    return `    return response.map((r) => new ${target}(ctx.copy().selectNode(r.id, "${element}")))\n`;
  }
  const plain = typeText(field.type);
  const single = plain.replace(/\[\]$/, "");
  if (!isEnumType(schema.getType(single))) return "    return response\n";
  const convert = `${typeName(single)}NameToValue`;
  return plain === single ? `    return ${convert}(response)\n` : `    return response.map((r) => ${convert}(r))\n`;
}

function selectText({ name, args }: Member): string {
  const { placed, options } = splitArguments(args);
  const given = [
    ...placed.map((argument) =>
      isReserved(argument.name) ? `${argument.name}: ${safeName(argument.name)}` : argument.name,
    ),
    ...(options.length === 0 ? [] : ["...opts"]),
    ...(args.some((argument) => enumOf(argument) !== undefined) ? ["__metadata: metadata"] : []),
  ];
  return given.length === 0 ? `"${name}"` : `"${name}", { ${given.join(", ")} }`;
}

function metadataText(args: readonly GraphQLArgument[]): string {
  const lines = args.flatMap((argument) => {
    const type = enumOf(argument);
    if (type === undefined) return [];
    return [`      ${safeName(argument.name)}: { is_enum: true, value_to_name: ${type.name}ValueToName },\n`];
  });
  return lines.length === 0 ? "" : `    const metadata = {\n${lines.join("")}    }\n\n`;
}

function isSameId(field: Member, owner: string): boolean {
  if (field.name === "id" || !isKept(field.type)) return false;
  const expected = expectedName(field as { readonly astNode?: GraphQLArgument["astNode"] });
  return expected === owner;
}

function isVoid({ type }: Member): boolean {
  return getNullableType(type).toString() === "Void";
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
