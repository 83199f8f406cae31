import {
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type NameNode,
  type ObjectTypeDefinitionNode,
  type SelectionSetNode,
  type TypeDefinitionNode,
  type TypeNode,
} from "graphql";

/** Finds a type by its name, with all that extends it. */
export type FindType = (name: string) => TypeDefinitionNode | undefined;

/** After so many documents of other fields the whole schema takes no longer than the parts did. */
const MOST_PARTS = 12;

/**
 * A part of a schema that grows: the fields that documents ask for, and the types of their arguments. To read a document needs no
 * more, and a program that asks for two fields need not wait for hundreds of types.
 */
export class SchemaPart {
  readonly #find: FindType;
  /** Types, and which of their fields. */
  readonly #fields = new Map<string, Set<string>>();
  /** Types that stand in it whole: those of arguments. */
  readonly #whole = new Set<string>();
  #size = 0;
  #parts = 0;

  constructor(find: FindType) {
    this.#find = find;
  }

  /**
   * Takes in what a document asks for.
   *
   * @returns `more` when that was not in it yet; undefined where only the whole schema tells what is wrong with the document, or
   * which fragments fit
   */
  add(document: DocumentNode): "more" | "same" | undefined {
    if (!document.definitions.every((one) => this.#addDefinition(one))) return undefined;
    const size = [...this.#fields.values()].reduce((sum, { size }) => sum + size + 1, this.#whole.size);
    if (size === this.#size) return "same";
    this.#size = size;
    this.#parts += 1;
    return this.#parts > MOST_PARTS ? undefined : "more";
  }

  /** The types, where those that nothing is asked of have nothing but their name. */
  definitions(): readonly TypeDefinitionNode[] {
    const shapes = [...this.#fields].map(([name, fields]) => this.#narrowed(name, fields));
    const whole = [...this.#whole].flatMap((name) => this.#find(name) ?? []);
    const there = new Set([...this.#fields.keys(), ...this.#whole]);
    const named = shapes.flatMap(({ fields }) => (fields ?? []).map(({ type }) => nameOf(type)));
    const others = [...new Set(named)].filter((name) => !there.has(name)).flatMap((name) => this.#nameless(name));
    return [...shapes, ...whole, ...others];
  }

  #addDefinition(definition: DocumentNode["definitions"][number]): boolean {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== "query") return false;
    if ((definition.directives ?? []).length > 0) return false;
    for (const { type, directives } of definition.variableDefinitions ?? []) {
      if ((directives ?? []).length > 0) return false;
      this.#addWhole(nameOf(type));
    }
    return this.#addSelection("Query", definition.selectionSet);
  }

  #addSelection(type: string, { selections }: SelectionSetNode): boolean {
    const shape = this.#find(type);
    if (!isShape(shape)) return false;
    const wanted = this.#fields.get(type) ?? new Set();
    this.#fields.set(type, wanted);
    return selections.every((selection) => {
      if (selection.kind !== Kind.FIELD || (selection.directives ?? []).length > 0) return false;
      const { name, selectionSet } = selection;
      if (name.value === "__typename") return true;
      const field = shape.fields?.find((one) => one.name.value === name.value);
      if (field === undefined) return false;
      wanted.add(name.value);
      for (const { type: given } of field.arguments ?? []) this.#addWhole(nameOf(given));
      return selectionSet === undefined || this.#addSelection(nameOf(field.type), selectionSet);
    });
  }

  /** A type of an argument, with all that it names. */
  #addWhole(name: string): void {
    if (this.#whole.has(name)) return;
    const found = this.#find(name);
    if (found === undefined || isShape(found)) return;
    this.#whole.add(name);
    if (found.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION) return;
    for (const { type } of found.fields ?? []) this.#addWhole(nameOf(type));
  }

  #narrowed(name: string, wanted: ReadonlySet<string>): Shape {
    const shape = this.#find(name) as Shape;
    const fields = (shape.fields ?? []).filter((field: FieldDefinitionNode) => wanted.has(field.name.value));
    return { ...shape, interfaces: [], fields };
  }

  #nameless(name: string): readonly TypeDefinitionNode[] {
    const found = this.#find(name);
    if (found === undefined) return [];
    return isShape(found) ? [{ ...found, interfaces: [], fields: [] }] : [found];
  }
}

type Shape = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

function isShape(type: TypeDefinitionNode | undefined): type is Shape {
  return type?.kind === Kind.OBJECT_TYPE_DEFINITION || type?.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

function nameOf(type: TypeNode): string {
  let inner = type;
  while (inner.kind !== Kind.NAMED_TYPE) inner = inner.type;
  const { value }: NameNode = inner.name;
  return value;
}
