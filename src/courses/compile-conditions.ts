/**
 * Conditions of lesson.yaml → a check script, so that they are run, proved and shown as any other check. Whatever stands in the conditions
 * reaches the shell between single quotes, never as a part of the program.
 */
import { type ClusterName, clusterVariable, isClusterValue } from '../shared/course/cluster-profile.ts';
import { type Condition, changeRegexes } from '../shared/course/conditions.ts';
import type { QuizQuestion } from '../shared/course/course.ts';
import { valuePattern, variableOf } from '../shared/course/parameters.ts';
import { inEvery } from '../shared/language.ts';
import { sentencesFor } from './condition-trials.ts';
import { quoted } from './shell-quote.ts';
import type { Trial } from './trial.ts';

/**
 * @param step id, for the script's first remark
 * @param quizzes that the conditions ask for: they come last
 * @returns text of a check: every condition in order, from its coarsest question to its finest; the first that is not so ends it
 */
export function compileConditions(step: string, conditions: readonly Condition[], quizzes: readonly QuizQuestion[] = []): string {
	const asked = quizzes.map(({ id, fail, hint }) => line({ test: `quiz_right ${quoted(id)}`, fr: [], en: [] }, { fail, hint }));
	const lines = conditions.map(markRegexes).flatMap((condition) => sentencesFor(condition).map((trial) => line(trial, condition)));
	return [
		'#!/bin/sh',
		`# Made from the conditions of the step "${step}" in lesson.yaml.`,
		'. /opt/etabli/check.sh',
		...lines,
		...asked,
		'pass',
		'',
	].join('\n');
}

/** Behind the name of a cluster's value that stands in a regular expression, where it is meant as a text. */
const inRegex = '.regex';

const markRegexes = (condition: Condition): Condition =>
	changeRegexes(condition, (regex) =>
		regex.replace(valuePattern, (whole, name: string) => (isClusterValue(name) ? `{{${name}${inRegex}}}` : whole)),
	);

/** Names of values in conditions, such as "animal" of {{animal}}; each once. */
export const valuesIn = (conditions: readonly Condition[]): string[] => [
	...new Set([...JSON.stringify(conditions).matchAll(valuePattern)].map(([, name = '']) => name)),
];

function line({ test, fr, en }: Trial, { fail, hint }: Pick<Condition, 'fail' | 'hint'>): string {
	const own = fail && inEvery(fail);
	const [french, english] = own ? [quoted(own.fr), quoted(own.en)] : [sentence(fr), sentence(en)];
	const text = `${test} || fail ${french} ${english}${hint === undefined ? '' : ` hint ${hint}`}`;
	// All of an author's text stands between single quotes here; a learner's value, which is one plain word, between double ones.
	return text.replace(valuePattern, (_, name: string) => `'"${isClusterValue(name) ? ofCluster(name) : `$${variableOf(name)}`}"'`);
}

/** @param name "cluster.partition"; what stands there is found when the check runs */
function ofCluster(name: string): string {
	const key = name.slice(name.indexOf('.') + 1);
	const variable = `$${clusterVariable((key.endsWith(inRegex) ? key.slice(0, -inRegex.length) : key) as ClusterName)}`;
	return key.endsWith(inRegex) ? `$(as_regex "${variable}")` : variable;
}

/** A sentence as one word of the shell: what the sandbox has to say itself is a function there. */
function sentence(parts: Trial['fr']): string {
	return parts.map((part) => (typeof part === 'string' ? quoted(part) : `"$(${part.shell})"`)).join('');
}
