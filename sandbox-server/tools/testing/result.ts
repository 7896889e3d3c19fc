/** What a suite comes to. */
export interface Test {
	/** Names of what it is part of, then its own. */
	name: string;
	file: string;
	state: 'passed' | 'failed' | 'skipped';
	/** Why it was skipped; what went wrong. */
	text: string;
	/** What it took, ms; undefined: not known. */
	ms?: number | undefined;
}

export interface SuiteResult {
	suite: string;
	tests: Test[];
	/** ms */
	duration: number;
}

/** Tests in that state, of all suites. */
export const count = (results: readonly SuiteResult[], state: Test['state']): number =>
	results.flatMap(({ tests }) => tests).filter((test) => test.state === state).length;

/** The one line at the end. */
export function summaryLine(results: readonly SuiteResult[]): string {
	return `${count(results, 'passed')} passed, ${count(results, 'failed')} failed, ${count(results, 'skipped')} skipped`;
}

/** Nothing that ran proves nothing: no test at all is a failure too. */
export function exitStatus(results: readonly SuiteResult[]): number {
	const ran = count(results, 'passed') + count(results, 'failed');
	return ran === 0 || count(results, 'failed') > 0 ? 1 : 0;
}

/** Failures with their words, then skipped ones with their reasons. */
export function details(results: readonly SuiteResult[]): string[] {
	const lines: string[] = [];
	for (const { suite, tests } of results) {
		for (const test of tests) {
			if (test.state === 'failed') lines.push('', `✗ ${suite}: ${test.name}${test.file ? ` (${test.file})` : ''}`, ...indented(test.text));
		}
	}
	const skipped = results.flatMap(({ suite, tests }) =>
		tests.filter(({ state }) => state === 'skipped').map((test) => `- ${suite}: ${test.name}: ${test.text || 'no reason given'}`),
	);
	if (skipped.length > 0) lines.push('', 'Skipped:', ...skipped);
	return lines;
}

/** Where the time went, for whoever wants less of it: the tests that took most, the longest first. */
export function longest(tests: readonly Test[], count = 10): string[] {
	return tests
		.filter(({ ms = 0 }) => ms >= 1000)
		.sort((a, b) => (b.ms ?? 0) - (a.ms ?? 0))
		.slice(0, count)
		.map(({ name, file, ms = 0 }) => `${Math.round(ms / 1000)} s: ${name}${file ? ` (${file})` : ''}`);
}

/** Longest text of one failure, in lines. */
const longestText = 60;

function indented(text: string): string[] {
	const lines = text.trimEnd().split('\n');
	const shown =
		lines.length > longestText ? [...lines.slice(0, longestText), `… ${lines.length - longestText} more lines in the log`] : lines;
	return shown.map((line) => `    ${line}`);
}
