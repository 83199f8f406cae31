import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";

/** A field as it is asked for: in which type, and below which fields. */
interface Asked {
  readonly node: FieldNode;
  readonly parent: GraphQLNamedType | undefined;
  readonly above: Asked | undefined;
}

type Group = readonly Asked[];

/**
 * The same name in one answer means the same field with the same arguments. The time for it grows with the number of
 * fields, not with the pairs of them, as it does in graphql-js.
 */
export function overlappingFieldsRule(context: ValidationContext): ASTVisitor {
  const finder = new ConflictFinder(context);
  return {
    OperationDefinition: (node) => finder.find(node.selectionSet),
    FragmentDefinition: (node) => finder.find(node.selectionSet, node),
  };
}

class ConflictFinder {
  constructor(readonly context: ValidationContext) {}

  find(set: SelectionSetNode, fragment?: FragmentDefinitionNode): void {
    const schema = this.context.getSchema();
    const type = fragment === undefined ? schema.getQueryType() : schema.getType(fragment.typeCondition.name.value);
    this.#compare(this.#collect(set, type ?? undefined, undefined, new Map(), new Set()));
  }

  #compare(groups: ReadonlyMap<string, Group>): void {
    for (const group of groups.values()) {
      const [first, ...others] = group as [Asked, ...Asked[]];
      const printed = others.length === 0 ? "" : argumentsOf(first.node);
      for (const other of others) {
        const reason = this.#difference(first, printed, other);
        if (reason !== undefined) this.context.reportError(new GraphQLError(conflict(first, other, reason)));
      }
      this.#compare(this.#below(group));
    }
  }

  #difference(first: Asked, printed: string, other: Asked): string | undefined {
    if (!excludeEachOther(first, other)) {
      const [name, otherName] = [first.node.name.value, other.node.name.value];
      if (name !== otherName) return `"${name}" and "${otherName}" are different fields`;
      if (printed !== argumentsOf(other.node)) return "they have differing arguments";
    }
    const [type, otherType] = [typeOf(first), typeOf(other)];
    if (type !== undefined && otherType !== undefined && shapeOf(type) !== shapeOf(otherType)) {
      return `they return conflicting types "${type}" and "${otherType}"`;
    }
    return undefined;
  }

  #below(group: Group): ReadonlyMap<string, Group> {
    const into = new Map<string, Asked[]>();
    for (const asked of group) {
      const type = typeOf(asked);
      if (asked.node.selectionSet === undefined) continue;
      this.#collect(asked.node.selectionSet, type && getNamedType(type), asked, into, new Set());
    }
    return into;
  }

  #collect(
    set: SelectionSetNode,
    parent: GraphQLNamedType | undefined,
    above: Asked | undefined,
    into: Map<string, Asked[]>,
    spread: Set<string>,
  ): Map<string, Asked[]> {
    // Fragments that are named come last, as in the real engine's validator.
    const order = [...set.selections].sort((a, b) => Number(isSpread(a)) - Number(isSpread(b)));
    for (const selection of order) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const known = into.get(name);
        const asked = { node: selection, parent, above };
        if (known === undefined) into.set(name, [asked]);
        else known.push(asked);
        continue;
      }
      if (isSpread(selection) && spread.has(selection.name.value)) continue;
      if (isSpread(selection)) spread.add(selection.name.value);
      const fragment = isSpread(selection) ? this.context.getFragment(selection.name.value) : selection;
      if (fragment === undefined || fragment === null) continue;
      const condition = fragment.typeCondition?.name.value;
      const type = condition === undefined ? parent : this.context.getSchema().getType(condition);
      this.#collect(fragment.selectionSet, type, above, into, spread);
    }
    return into;
  }
}

function isSpread(selection: SelectionNode): selection is FragmentSpreadNode {
  return selection.kind === Kind.FRAGMENT_SPREAD;
}

/** Fields of two object types never come into one answer. */
function excludeEachOther(first: Asked, other: Asked): boolean {
  for (
    let [a, b]: (Asked | undefined)[] = [first, other];
    a !== undefined && b !== undefined;
    [a, b] = [a.above, b.above]
  ) {
    if (a.parent !== b.parent && isObjectType(a.parent) && isObjectType(b.parent)) return true;
  }
  return false;
}

function argumentsOf(node: FieldNode): string {
  const args = node.arguments ?? [];
  return args
    .map((argument) => print(argument))
    .sort()
    .join(",");
}

function typeOf({ node, parent }: Asked): GraphQLOutputType | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value]?.type : undefined;
}

/** Two answers fit together when their lists and nulls do, and both are objects or the same kind of value. */
function shapeOf(type: GraphQLOutputType): string {
  if (isNonNullType(type)) return `${shapeOf(type.ofType)}!`;
  if (isListType(type)) return `[${shapeOf(type.ofType)}]`;
  return isObjectType(type) || isInterfaceType(type) ? "{}" : String(type);
}

/** Told from the topmost field that was asked for twice. */
function conflict(first: Asked, other: Asked, reason: string): string {
  let inner = reason;
  let outermost = first;
  for (
    let [a, b] = [first, other] as [Asked, Asked];
    a.above !== undefined && b.above !== undefined && a.above !== b.above;
  ) {
    inner = `subfields "${answerName(a)}" conflict because ${inner}`;
    [a, b] = [a.above, b.above];
    outermost = a;
  }
  return `Fields "${answerName(outermost)}" conflict because ${inner}. Use different aliases on the fields to fetch both if this was intentional.`;
}

function answerName({ node }: Asked): string {
  return node.alias?.value ?? node.name.value;
}
