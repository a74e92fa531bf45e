import ts from 'typescript';

/** One import of a source file, in whatever form it is written. */
export interface SourceImport {
  /** Absent when the name is computed. */
  readonly specifier?: string;
  /** Nothing of it remains at run time: `import type`, `export type … from`, `import('x').T`. */
  readonly typeOnly: boolean;
  /** 1-based. */
  readonly line: number;
}

/** A place that starts or ends a span by hand. */
export interface SpanCall {
  readonly call: string;
  /** 1-based. */
  readonly line: number;
}

export interface SourceFacts {
  readonly imports: readonly SourceImport[];
  readonly spanCalls: readonly SpanCall[];
}

/** The imports of a TypeScript file and its calls on spans. Never fails: what does not parse is the type check's to report. */
export function readSource(path: string, text: string): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const imports: SourceImport[] = [];
  const spanCalls: SpanCall[] = [];
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found !== undefined) {
      imports.push({ ...found, line: lineOf(node) });
    }
    const call = spanCallOf(node, file);
    if (call !== undefined) {
      spanCalls.push({ call, line: lineOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, spanCalls };
}

function importOf(node: ts.Node): Omit<SourceImport, 'line'> | undefined {
  if (ts.isImportDeclaration(node)) {
    return named(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return named(node.moduleSpecifier, node.isTypeOnly);
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return named(node.moduleReference.expression, node.isTypeOnly);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return named(node.argument.literal, true);
  }
  if (ts.isCallExpression(node) && loadsModule(node.expression)) {
    return named(node.arguments[0], false);
  }
  return undefined;
}

function loadsModule(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

function named(name: ts.Node | undefined, typeOnly: boolean): Omit<SourceImport, 'line'> {
  return name !== undefined && ts.isStringLiteralLike(name) ? { specifier: name.text, typeOnly } : { typeOnly };
}

function spanCallOf(node: ts.Node, file: ts.SourceFile): string | undefined {
  // Taking the method off its tracer is as good as calling it, so any mention counts.
  if (ts.isPropertyAccessExpression(node) && /^start(Active)?Span$/.test(node.name.text)) {
    return node.name.text;
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'end') {
    const receiver = node.expression.expression.getText(file);
    return /span$/i.test(receiver) ? `${receiver}.end` : undefined;
  }
  return undefined;
}
