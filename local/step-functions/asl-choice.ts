import { pathProblem } from './asl-expressions.ts';
import { choiceOperators } from './asl-fields.ts';
import { at, type Report } from './asl-report.ts';
import { isObject, type JsonObject } from './definition.ts';

/** Checks the rules of a Choice state. */
export function checkChoice(state: JsonObject, path: string, report: Report): void {
  if (!Array.isArray(state.Choices) || state.Choices.length === 0) {
    report(at(path, 'Choices'), 'expected a list of rules; add them');
    return;
  }
  for (const [index, rule] of state.Choices.entries()) {
    const rulePath = `${at(path, 'Choices')}[${index}]`;
    checkRule(rule, rulePath, report);
    if (isObject(rule) && typeof rule.Next !== 'string') report(at(rulePath, 'Next'), 'missing; name the state to go to');
  }
}

function checkRule(rule: unknown, path: string, report: Report): void {
  if (!isObject(rule)) {
    report(path, `found ${JSON.stringify(rule)}, expected a rule`);
    return;
  }
  const { Next: _, Comment: __, Variable, ...tests } = rule;
  const [operator, ...others] = Object.keys(tests);
  if (operator === undefined || others.length > 0) {
    report(path, `found the operators ${Object.keys(tests).join(', ') || 'none'}, expected exactly one; join several with And or Or`);
    return;
  }
  const operand = tests[operator];
  if (operator === 'And' || operator === 'Or') {
    if (!Array.isArray(operand) || operand.length === 0) {
      report(at(path, operator), 'expected a list of rules; add them');
      return;
    }
    for (const [index, part] of operand.entries()) checkRule(part, `${at(path, operator)}[${index}]`, report);
    return;
  }
  if (operator === 'Not') {
    checkRule(operand, at(path, 'Not'), report);
    return;
  }
  const variableProblem = pathProblem(Variable);
  if (variableProblem !== undefined) report(at(path, 'Variable'), variableProblem);
  const expected = choiceOperators.get(operator);
  if (expected === undefined) {
    report(at(path, operator), `the operator is unknown; known: ${[...choiceOperators.keys()].join(', ')}, And, Or, Not`);
    return;
  }
  if (expected === 'path') {
    const problem = pathProblem(operand);
    if (problem !== undefined) report(at(path, operator), problem);
  } else if (typeof operand !== expected) {
    report(at(path, operator), `found ${JSON.stringify(operand)}, expected a ${expected}`);
  } else if (operator === 'StringMatches' && /[?\\]/.test(operand as string)) {
    report(
      at(path, operator),
      `the pattern ${operand} holds a character other than * that the interpreter reads as a wildcard; match with * only`,
    );
  } else if (operator.startsWith('Timestamp') && Number.isNaN(Date.parse(operand as string))) {
    report(at(path, operator), `found ${operand}, expected a timestamp such as 2026-11-23T02:00:00Z`);
  }
}
