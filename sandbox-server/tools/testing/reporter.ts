/** Reporter for `node --test`: one JSON object per test that is over, for node-suite.ts. */
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import type { Test } from './result.ts';

/** @param source events of the runner. @returns one line of JSON a test */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
	// Names of what a test is part of, by depth; a start comes before its end, and files do not mix (ordered by node).
	const names = new Map<string, string[]>();
	for await (const event of source) {
		if (event.type === 'test:start') {
			const { file = '', nesting, name } = event.data;
			names.set(file, [...(names.get(file) ?? []).slice(0, nesting), name]);
		} else if (event.type === 'test:pass' || event.type === 'test:fail') {
			const { file = '', nesting, name, skip, todo, details } = event.data;
			if (details.type === 'suite' && event.type === 'test:pass' && skip === undefined) continue;
			const reason = [skip, todo].find((each) => typeof each === 'string') ?? '';
			const failed = event.type === 'test:fail' && todo === undefined;
			const state = failed
				? 'failed'
				: skip !== undefined && skip !== false
					? 'skipped'
					: todo !== undefined && todo !== false
						? 'skipped'
						: 'passed';
			const full = [...(names.get(file) ?? []).slice(0, nesting), name].join(' › ');
			// A suite fails because a test in it failed, which has been told; when it failed by itself (a hook), it is told.
			const error = event.type === 'test:fail' ? event.data.details.error : undefined;
			if (failed && isOnlyChildren(error)) continue;
			const ms = Math.round(details.duration_ms);
			yield `${JSON.stringify({ name: full, file, state, text: failed ? describe(error) : reason, ms } satisfies Test)}\n`;
		}
	}
}

function isOnlyChildren(error: unknown): boolean {
	return error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed';
}

function describe(error: unknown): string {
	const cause = error instanceof Error ? (error.cause ?? error) : error;
	return inspect(cause, { depth: 6, breakLength: 140 });
}
