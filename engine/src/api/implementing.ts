import {
  type DefinitionNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type TypeNode,
} from "graphql";

type Shape = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** Names of the interfaces that each type has. */
type Relations = ReadonlyMap<string, Set<string>>;

/**
 * Says of each type which interfaces it has, by its fields: nobody declares that. A field may give more than the interface
 * asks for, and take more. All pairs are assumed first and those that do not hold are taken away until nothing changes, so
 * types may name each other.
 */
export function withImplemented(definitions: readonly DefinitionNode[]): readonly DefinitionNode[] {
  const shapes = definitions.filter(isShape);
  const interfaces = shapes.filter((shape) => shape.kind === Kind.INTERFACE_TYPE_DEFINITION);
  const declared = new Map(shapes.map((shape) => [shape.name.value, new Set(namesOf(shape))]));
  const relations = new Map(shapes.map((shape) => [shape.name.value, candidatesOf(shape, interfaces)]));
  for (const [name, known] of declared) for (const one of known) relations.get(name)?.add(one);
  let changed = true;
  while (changed) {
    changed = false;
    for (const shape of shapes) {
      const own = relations.get(shape.name.value) ?? new Set();
      for (const wanted of interfaces) {
        const name = wanted.name.value;
        if (!own.has(name) || declared.get(shape.name.value)?.has(name) || satisfies(shape, wanted, relations))
          continue;
        own.delete(name);
        changed = true;
      }
    }
  }
  return definitions.map((one) => (isShape(one) ? named(one, relations.get(one.name.value) ?? new Set()) : one));
}

function isShape(definition: DefinitionNode): definition is Shape {
  return definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

function namesOf(shape: Shape): readonly string[] {
  return (shape.interfaces ?? []).map((one) => one.name.value);
}

/** Only interfaces of which all fields are there by their names: the rest needs no comparison of types. */
function candidatesOf(shape: Shape, interfaces: readonly InterfaceTypeDefinitionNode[]): Set<string> {
  const fields = new Set(shape.fields?.map((field) => field.name.value));
  const possible = interfaces.filter(
    (one) => one !== shape && one.fields?.every((field) => fields.has(field.name.value)),
  );
  return new Set(possible.map((one) => one.name.value));
}

function named(shape: Shape, names: ReadonlySet<string>): Shape {
  const known = namesOf(shape);
  const added = [...names].filter((name) => !known.includes(name));
  if (added.length === 0) return shape;
  const nodes = added.map((value) => ({ kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value } }) as const);
  return { ...shape, interfaces: [...(shape.interfaces ?? []), ...nodes] };
}

function satisfies(shape: Shape, wanted: InterfaceTypeDefinitionNode, relations: Relations): boolean {
  return (wanted.fields ?? []).every((asked) => {
    const own = shape.fields?.find((field) => field.name.value === asked.name.value);
    return own !== undefined && fits(own.type, asked.type, relations) && takes(own, asked, relations);
  });
}

/** Every argument of the interface is taken, and no other one is needed. */
function takes(own: FieldDefinitionNode, asked: FieldDefinitionNode, relations: Relations): boolean {
  const wanted = new Map((asked.arguments ?? []).map((argument) => [argument.name.value, argument.type]));
  const given = own.arguments ?? [];
  const isMissing = [...wanted.keys()].some((name) => !given.some((argument) => argument.name.value === name));
  if (isMissing) return false;
  return given.every((argument) => {
    const type = wanted.get(argument.name.value);
    if (type !== undefined) return fits(type, argument.type, relations);
    return argument.type.kind !== Kind.NON_NULL_TYPE || argument.defaultValue !== undefined;
  });
}

/** Whether each value of the narrow type is one of the wide one. */
function fits(narrow: TypeNode, wide: TypeNode, relations: Relations): boolean {
  if (wide.kind === Kind.NON_NULL_TYPE) {
    return narrow.kind === Kind.NON_NULL_TYPE && fits(narrow.type, wide.type, relations);
  }
  if (narrow.kind === Kind.NON_NULL_TYPE) return fits(narrow.type, wide, relations);
  if (wide.kind === Kind.LIST_TYPE) return narrow.kind === Kind.LIST_TYPE && fits(narrow.type, wide.type, relations);
  if (narrow.kind === Kind.LIST_TYPE) return false;
  return narrow.name.value === wide.name.value || relations.get(narrow.name.value)?.has(wide.name.value) === true;
}
