import {
  type ASTVisitor,
  type DocumentNode,
  FieldsOnCorrectTypeRule,
  type FragmentSpreadNode,
  FragmentsOnCompositeTypesRule,
  GraphQLError,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isInterfaceType,
  isLeafType,
  Kind,
  KnownArgumentNamesRule,
  KnownDirectivesRule,
  KnownFragmentNamesRule,
  KnownTypeNamesRule,
  LoneAnonymousOperationRule,
  NoFragmentCyclesRule,
  NoUndefinedVariablesRule,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  PossibleFragmentSpreadsRule,
  ProvidedRequiredArgumentsRule,
  recommendedRules,
  UniqueArgumentNamesRule,
  UniqueFragmentNamesRule,
  UniqueInputFieldNamesRule,
  UniqueOperationNamesRule,
  UniqueVariableNamesRule,
  type ValidationContext,
  type ValidationRule,
  VariablesAreInputTypesRule,
  VariablesInAllowedPositionRule,
  validate,
} from "graphql";
import type { Catalogue } from "../api/catalogue.ts";
import { overlappingFieldsRule } from "./overlapping.ts";

/**
 * The rules of the real engine's validator. Not among them, as there: that values fit their types, which is checked when
 * a field is run, and that objects have a selection.
 */
const RULES: readonly ValidationRule[] = [
  UniqueOperationNamesRule,
  LoneAnonymousOperationRule,
  queriesOnly,
  KnownTypeNamesRule,
  FragmentsOnCompositeTypesRule,
  VariablesAreInputTypesRule,
  FieldsOnCorrectTypeRule,
  noFieldsOfScalars,
  UniqueFragmentNamesRule,
  KnownFragmentNamesRule,
  NoUnusedFragmentsRule,
  possibleSpreadsRule,
  UniqueVariableNamesRule,
  NoUndefinedVariablesRule,
  NoUnusedVariablesRule,
  KnownDirectivesRule,
  KnownArgumentNamesRule,
  UniqueArgumentNamesRule,
  ProvidedRequiredArgumentsRule,
  VariablesInAllowedPositionRule,
  UniqueInputFieldNamesRule,
  // How deep a question about the schema may go.
  ...recommendedRules,
];

const MOST_PROBLEMS = 50;

/** What is wrong with a document, whatever its variables are. */
export function validationProblems(catalogue: Catalogue, document: DocumentNode): readonly string[] {
  const part = catalogue.schemaFor(document);
  const problems = problemsIn(part, document);
  // What there is instead is told by the whole.
  return problems.length === 0 || part === catalogue.schema ? problems : problemsIn(catalogue.schema, document);
}

function problemsIn(schema: GraphQLSchema, document: DocumentNode): readonly string[] {
  const options = { maxErrors: MOST_PROBLEMS };
  const circles = validate(schema, document, [NoFragmentCyclesRule], options);
  // What comes into one answer cannot be told of a fragment that is inside itself.
  const rules = circles.length === 0 ? [...RULES, overlappingFieldsRule] : RULES;
  const errors = [...circles, ...validate(schema, document, rules, options)];
  return [...new Set(errors.map((error) => withoutGuess(error, document)))];
}

/** Only for the type of a named fragment a similar name is offered. */
function withoutGuess(error: GraphQLError, document: DocumentNode): string {
  if (!error.message.startsWith("Unknown type ")) return error.message;
  const isOfFragment = document.definitions.some(
    (d) => d.kind === Kind.FRAGMENT_DEFINITION && d.typeCondition === error.nodes?.[0],
  );
  return isOfFragment ? error.message : error.message.replace(/ Did you mean .*$/, "");
}

function queriesOnly(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition: ({ operation }) => {
      if (operation === "query") return;
      context.reportError(new GraphQLError(`Schema does not support operation type "${operation}"`));
    },
  };
}

/**
 * Where an interface is asked as another one that it has, objects of both may come from elsewhere: the client need not know any.
 */
function possibleSpreadsRule(context: ValidationContext): ASTVisitor {
  const { InlineFragment: inline, FragmentSpread: spread } = PossibleFragmentSpreadsRule(context) as {
    readonly InlineFragment: (node: InlineFragmentNode) => void;
    readonly FragmentSpread: (node: FragmentSpreadNode) => void;
  };
  const mayComeFromElsewhere = (type: unknown): boolean => {
    const parent = context.getParentType();
    return isInterfaceType(type) && isInterfaceType(parent) && type.getInterfaces().includes(parent);
  };
  return {
    InlineFragment: (node) => {
      if (!mayComeFromElsewhere(context.getType())) inline(node);
    },
    FragmentSpread: (node) => {
      const condition = context.getFragment(node.name.value)?.typeCondition.name.value ?? "";
      if (!mayComeFromElsewhere(context.getSchema().getType(condition))) spread(node);
    },
  };
}

/** An object may be without a selection until it is run, a scalar may not have one. */
function noFieldsOfScalars(context: ValidationContext): ASTVisitor {
  return {
    Field: (node) => {
      const type = getNamedType(context.getType());
      if (!isLeafType(type)) return;
      for (const inner of node.selectionSet?.selections ?? []) {
        if (inner.kind !== Kind.FIELD) continue;
        const message = `Cannot query field "${inner.name.value}" on type "${type.name}".`;
        context.reportError(new GraphQLError(message));
      }
    },
  };
}
